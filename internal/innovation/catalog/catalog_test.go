package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table/query"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, record.Schema, shelf.Schema, Schema}

var policy = who.MustPolicy(Rules...)

func person(id string, role who.Role, org string) who.Actor {
	return who.As(policy, who.Actor{ID: id, Name: id, Strong: true, Level: who.L1, Grants: []who.Grant{{Role: role, Org: org}}})
}

var (
	nobody   = who.Nobody(policy)
	resident = who.As(policy, who.Actor{ID: "resident", Level: who.L1})
	member   = person("member", who.Member, "o1")
	editor   = person("editor", who.Editor, "o1")
	stranger = person("stranger", who.Editor, "o2")
)

// names is an Orgs for tests: every organisation is called by its id.
type names struct{}

func (names) Names(_ context.Context, _ *db.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		out[id] = "Organisation " + id
	}
	return out, nil
}

func (names) Choices(context.Context, *db.Tx, who.Actor, string) ([]Choice, error) { return nil, nil }

// world is a catalogue with its services on one database.
type world struct {
	*Catalog
	jobs *job.Runner
}

func newWorld(t *testing.T, d *db.DB) world {
	t.Helper()
	b, err := blob.Open(t.Context(), t.TempDir(), blob.CacheIn(t.TempDir(), 1<<30))
	must(t, err)
	t.Cleanup(func() { b.Close() })
	s, err := shelf.New(d, b, t.TempDir()+"/work")
	must(t, err)
	t.Cleanup(s.Close)
	jobs, err := job.NewRunner(d, slog.New(slog.DiscardHandler), "test", s.Jobs(), nil)
	must(t, err)
	reg, err := record.NewRegistry(Kinds()...)
	must(t, err)
	return world{&Catalog{DB: d, Blob: b, Shelf: s, Kinds: func() *record.Registry { return reg }, Orgs: names{}, Base: func() string { return "https://example.org" }}, jobs}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func draft() Dataset {
	d := Dataset{Org: "o1", Title: "Roads of Toledo", Summary: "Every road.", Licence: "CC-BY-4.0", ContactEmail: "roads@example.org"}
	d.Themes.V = []string{"transport"}
	d.Districts.V = []string{"BZ-TOL"}
	return d
}

// withLink gives a dataset a resource, so that it can be published.
func withLink(t *testing.T, d *db.DB, of Dataset) Resource {
	t.Helper()
	var r Resource
	must(t, d.Update(t.Context(), func(tx *db.Tx) (err error) {
		r, err = addResource(t.Context(), tx, editor, Resource{Dataset: of.ID, Kind: Link, Title: "Elsewhere", URL: "https://example.org/data"})
		return err
	}))
	return r
}

func kind(err error) fault.Kind {
	if errors.Is(err, db.ErrNotFound) {
		return fault.NotFound
	}
	return fault.KindOf(err)
}

func TestWhoMayDoWhat(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for _, x := range []struct {
			actor who.Actor
			want  fault.Kind
		}{{nobody, fault.SignIn}, {resident, fault.Denied}, {stranger, fault.Denied}} {
			if _, err := Create(ctx, d, x.actor, draft()); kind(err) != x.want {
				t.Errorf("%s creates: %v", x.actor.Name, err)
			}
		}
		made, err := Create(ctx, d, member, draft())
		must(t, err)
		withLink(t, d, made)
		for _, a := range []who.Actor{nobody, resident, stranger} {
			if _, err := Get(ctx, d, a, made.ID); kind(err) != fault.NotFound {
				t.Errorf("%q sees a draft: %v", a.Name, err)
			}
		}
		if _, err := Move(ctx, d, member, made.ID, made.Version, Published, ""); kind(err) != fault.Denied {
			t.Errorf("a member publishes: %v", err)
		}
		made, err = Move(ctx, d, member, made.ID, made.Version, Review, "")
		must(t, err)
		made, err = Move(ctx, d, editor, made.ID, made.Version, Published, "")
		must(t, err)
		if _, err := Get(ctx, d, nobody, made.ID); err != nil {
			t.Errorf("nobody reads what is published: %v", err)
		}
		made.Title = "Changed"
		if _, err := Edit(ctx, d, member, made); kind(err) != fault.Denied {
			t.Errorf("a member changes what is published: %v", err)
		}
		moved := made
		moved.Org = "o2"
		if _, err := Edit(ctx, d, editor, moved); kind(err) != fault.Denied {
			t.Errorf("an editor gives a dataset to a strange organisation: %v", err)
		}
	}, schemas...)
}

func TestStates(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		bare, err := Create(ctx, d, editor, Dataset{Org: "o1", Title: "Bare"})
		must(t, err)
		_, err = Move(ctx, d, editor, bare.ID, bare.Version, Published, "")
		var lacks fault.Fields
		if !errors.As(err, &lacks) || len(lacks) != 5 {
			t.Fatalf("a bare dataset lacks %v", err)
		}
		ds, err := Create(ctx, d, editor, draft())
		must(t, err)
		withLink(t, d, ds)
		if _, err := Move(ctx, d, editor, ds.ID, ds.Version, Withdrawn, "x"); kind(err) != fault.Conflict {
			t.Errorf("a draft is withdrawn: %v", err)
		}
		ds, err = Move(ctx, d, editor, ds.ID, ds.Version, Published, "")
		must(t, err)
		if _, err := Move(ctx, d, editor, ds.ID, ds.Version, Withdrawn, " "); kind(err) != fault.Invalid {
			t.Errorf("withdrawn without a reason: %v", err)
		}
		if _, err := Move(ctx, d, editor, ds.ID, ds.Version-1, Withdrawn, "Wrong figures"); !errors.Is(err, db.ErrConflict) {
			t.Errorf("moved from an old page: %v", err)
		}
		_, err = Move(ctx, d, editor, ds.ID, ds.Version, Withdrawn, "Wrong figures")
		must(t, err)
		_, err = Get(ctx, d, nobody, ds.ID)
		var gone *fault.Error
		if !errors.As(err, &gone) || gone.Kind != fault.Gone || !slices.Contains(gone.Args, any("Wrong figures")) {
			t.Errorf("a withdrawn dataset: %v", err)
		}
	}, schemas...)
}

func TestEditKeepsBothTexts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		ds, err := Create(ctx, d, editor, draft())
		must(t, err)
		mine, theirs := ds, ds
		theirs.Summary = "Theirs."
		_, err = Edit(ctx, d, editor, theirs)
		must(t, err)
		mine.Summary = "Mine."
		if _, err := Edit(ctx, d, editor, mine); !errors.Is(err, db.ErrConflict) {
			t.Fatalf("a lost edit: %v", err)
		}
		now, err := Get(ctx, d, editor, ds.ID)
		must(t, err)
		if now.Summary != "Theirs." || now.Version != 2 {
			t.Errorf("now %q, version %d", now.Summary, now.Version)
		}
	}, schemas...)
}

func TestCheckNamesTheFields(t *testing.T) {
	bad := draft()
	bad.Title, bad.Licence, bad.Lang, bad.Frequency, bad.ContactEmail, bad.Source = strings.Repeat("x", 201), "MIT", "xx", "soon", "nobody", "javascript:alert(1)"
	bad.Themes.V, bad.Districts.V = []string{"nonsense"}, []string{"BZ-XX"}
	bad.PeriodStart, bad.PeriodEnd = "2026-02-30", ""
	var f fault.Fields
	if !errors.As(bad.Check(), &f) {
		t.Fatal("nothing is wrong")
	}
	var got []string
	for _, x := range f {
		got = append(got, x.Name)
	}
	slices.Sort(got)
	if s := strings.Join(got, " "); s != "contact_email districts frequency lang licence period_start source themes title" {
		t.Errorf("wrong: %s", s)
	}
	bad = draft()
	bad.tidy()
	bad.PeriodStart, bad.PeriodEnd = "2026-02-02", "2026-02-01"
	if err := bad.Check(); !strings.Contains(fmt.Sprint(err), "period_order") {
		t.Errorf("an end before its start: %v", err)
	}
}

func TestListPagesAndFilters(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for i := range 7 {
			in := draft()
			in.Title = fmt.Sprintf("Caña de azúcar %d", i)
			if i%2 == 0 {
				in.Themes.V = []string{"agriculture"}
			}
			ds, err := Create(ctx, d, editor, in)
			must(t, err)
			withLink(t, d, ds)
			if i < 6 {
				_, err = Move(ctx, d, editor, ds.ID, ds.Version, Published, "")
				must(t, err)
			}
		}
		walk := func(a who.Actor, f Filter) (n int) {
			for cursor := ""; ; {
				p, err := List(ctx, d, a, f, cursor, 2)
				must(t, err)
				n += len(p.Datasets)
				if cursor = p.Next; cursor == "" {
					return n
				}
			}
		}
		for _, x := range []struct {
			a    who.Actor
			f    Filter
			want int
		}{
			{nobody, Filter{}, 6},
			{nobody, Filter{Theme: "agriculture"}, 3},
			{nobody, Filter{Query: "cana AZUCAR 1"}, 1},
			{nobody, Filter{Query: "100%"}, 0},
			{nobody, Filter{District: "BZ-CY"}, 0},
			{nobody, Filter{State: Draft}, 0},
			{stranger, Filter{State: Draft}, 0},
			{editor, Filter{State: Draft}, 1},
			{nobody, Filter{IDs: []string{}}, 0},
		} {
			if got := walk(x.a, x.f); got != x.want {
				t.Errorf("%s %+v: %d, want %d", x.a.Name, x.f, got, x.want)
			}
		}
		must(t, d.View(ctx, func(tx *db.Tx) error {
			c, err := Counts(ctx, tx, "theme", 10)
			if fmt.Sprint(c) != "[{agriculture 3} {transport 3}]" {
				t.Errorf("counts %v", c)
			}
			return err
		}))
	}, schemas...)
}

// On PostgreSQL a server beside the command may take its jobs: the command waits
// for what another does, and goes on.
func TestImportWhoseJobsAnotherTakes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, w := t.Context(), newWorld(t, d)
		file, err := w.Blob.Put(ctx, strings.NewReader("id,amount\n"+many(4)), blob.PutOptions{Name: "t.csv"})
		must(t, err)
		var other sync.WaitGroup
		defer other.Wait()
		elsewhere := func(ctx context.Context) error {
			other.Go(func() { w.jobs.Drain(ctx) })
			return nil // the queue is empty here
		}
		made, err := w.ImportTable(ctx, editor, Import{Dataset: draft(), File: file, Name: "t.csv"}, elsewhere)
		must(t, err)
		if made.Version.State != shelf.Published || made.Dataset.State != Published {
			t.Errorf("made %+v", made.Version)
		}
	}, schemas...)
}

// A file becomes a version; another one the next; what was seen stays.
func TestFileBecomesTable(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, w := t.Context(), newWorld(t, d)
		put := func(text string) blob.Ref {
			ref, err := w.Blob.Put(ctx, strings.NewReader(text), blob.PutOptions{Name: "t.csv"})
			must(t, err)
			return ref
		}
		in := Import{Dataset: draft(), File: put("id,amount\n1,10\n2,\n3,N/A\n4,x\n" + many(400)), Name: "t.csv"}
		made, err := w.ImportTable(ctx, editor, in, w.jobs.Drain)
		must(t, err)
		if made.Version.N != 1 || made.Version.Rows != 404 || made.Version.Rejects != 2 || made.Dataset.State != Published {
			t.Fatalf("made %+v", made.Version)
		}
		next, err := w.ImportTable(ctx, editor, Import{Resource: made.Resource.ID, File: put("id,amount\n1,11\n" + many(3)), Name: "t.csv"}, w.jobs.Drain)
		must(t, err)
		if next.Version.N != 2 || next.Version.Rows != 4 {
			t.Errorf("next %+v", next.Version)
		}
		for n, rows := range map[int]int64{1: 404, 2: 4} {
			var v shelf.Version
			must(t, d.View(ctx, func(tx *db.Tx) (err error) { v, err = shelf.Numbered(ctx, tx, made.Resource.Ref(), n); return err }))
			tb, done, err := w.Shelf.Open(ctx, v)
			must(t, err)
			page, err := tb.Rows(ctx, query.Query{Limit: 1})
			done()
			if err != nil || *page.Total != rows || !v.Derived {
				t.Errorf("version %d: %v rows, derived %t, %v", n, page.Total, v.Derived, err)
			}
		}
		if _, err := w.ImportTable(ctx, stranger, Import{Resource: made.Resource.ID, File: put("a\n1\n"), Name: "t.csv"}, w.jobs.Drain); kind(err) != fault.Denied {
			t.Errorf("a stranger replaces a table: %v", err)
		}
	}, schemas...)
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d,%d\n", 100+i, i*7)
	}
	return b.String()
}

func TestPersonalDataIsHeldBack(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	ctx, w := t.Context(), newWorld(t, d)
	var b strings.Builder
	b.WriteString("id,contact\n")
	for i := range 40 {
		fmt.Fprintf(&b, "%d,person%d@example.org\n", i, i)
	}
	ref, err := w.Blob.Put(ctx, strings.NewReader(b.String()), blob.PutOptions{Name: "t.csv"})
	must(t, err)
	_, err = w.ImportTable(ctx, editor, Import{Dataset: draft(), File: ref, Name: "t.csv"}, w.jobs.Drain)
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != "catalog.personal" || !slices.Contains(f.Args, any("contact")) {
		t.Fatalf("addresses are published: %v", err)
	}
	if _, err := w.ImportTable(ctx, editor, Import{Dataset: draft(), File: ref, Name: "t.csv", PersonalOK: true}, w.jobs.Drain); err != nil {
		t.Errorf("after somebody said so: %v", err)
	}
}

func TestUnreadableFileSaysWhy(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	ctx, w := t.Context(), newWorld(t, d)
	ref, err := w.Blob.Put(ctx, strings.NewReader("\n\n\n"), blob.PutOptions{Name: "t.csv"})
	must(t, err)
	_, err = w.ImportTable(ctx, editor, Import{Dataset: draft(), File: ref, Name: "t.csv"}, w.jobs.Drain)
	if kind(err) != fault.Invalid {
		t.Fatalf("an empty file: %v", err)
	}
	p, err := List(ctx, d, editor, Filter{State: Draft}, "", 10)
	must(t, err)
	if len(p.Datasets) != 1 {
		t.Fatalf("%d drafts: the draft stays, with its reason", len(p.Datasets))
	}
}

func TestRemoveResource(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	ctx := t.Context()
	ds, err := Create(ctx, d, editor, draft())
	must(t, err)
	first := withLink(t, d, ds)
	_, err = Move(ctx, d, editor, ds.ID, ds.Version, Published, "")
	must(t, err)
	remove := func(id string) error {
		return d.Update(ctx, func(tx *db.Tx) error { _, err := removeResource(ctx, tx, editor, id); return err })
	}
	if err := remove(first.ID); kind(err) != fault.Conflict {
		t.Errorf("the last resource goes: %v", err)
	}
	second := withLink(t, d, ds)
	must(t, remove(second.ID))
	err = d.View(ctx, func(tx *db.Tx) error { _, _, err := seeResource(ctx, tx, nobody, second.ID); return err })
	if kind(err) != fault.Gone {
		t.Errorf("a removed resource: %v", err)
	}
}
