package exchange

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan/demo"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, who.Schema, record.Schema, org.Schema, plan.Schema, Schema}

var (
	policy      = who.MustPolicy(slices.Concat(plan.Rules, org.Rules, Rules)...)
	secretariat = who.As(policy, who.Actor{ID: "secretariat", Name: "secretariat", Strong: true, Level: who.L1, Grants: []who.Grant{{Role: who.Secretariat}}})
	official    = who.As(policy, who.Actor{ID: "official", Name: "official", Strong: true, Level: who.L1, Grants: []who.Grant{{Role: who.Official, Org: "x"}}})
)

// port is an exchange on an empty database.
type port struct {
	*Exchange
	t *testing.T
}

func newPort(t *testing.T, d *db.DB) port {
	return port{&Exchange{
		Plans: &plan.Plans{DB: d}, Library: &Library{}, Country: Country{"BLZ", "Belize", "Americas"}, Base: func() string { return "" },
		Policy: func() *who.Policy { return policy },
	}, t}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p port) view(fn func(*db.Tx) error) { p.t.Helper(); must(p.t, p.DB.View(p.t.Context(), fn)) }

// one is the answer to a question of one number or text.
func (p port) one(q string, args ...any) (out string) {
	p.t.Helper()
	p.view(func(tx *db.Tx) (err error) {
		out, err = db.Get(p.t.Context(), tx, db.One[string], q, args...)
		return err
	})
	return out
}

func (p port) count(from string) int {
	p.t.Helper()
	n, err := strconv.Atoi(p.one(`SELECT CAST(count(*) AS TEXT) FROM ` + from))
	must(p.t, err)
	return n
}

func (p port) file(name, text string, o Options) Result {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	must(p.t, os.WriteFile(path, []byte(text), 0o600))
	if o.Lang == "" {
		o.Lang = "en"
	}
	res, err := p.File(p.t.Context(), secretariat, path, name, o)
	must(p.t, err)
	return res
}

// whole reads the plan that has a title.
func (p port) whole(title string) (w whole) {
	p.t.Helper()
	p.view(func(tx *db.Tx) error {
		id, err := db.Get(p.t.Context(), tx, db.One[string], `SELECT id FROM plan WHERE title = $1`, title)
		if err != nil {
			return err
		}
		pl, err := plan.See(p.t.Context(), tx, secretariat, id)
		if err != nil {
			return err
		}
		w, err = gather(p.t.Context(), tx, pl)
		return err
	})
	return w
}

func realFile(t testing.TB) []byte {
	raw, err := os.ReadFile(filepath.Join(needtest.Data(t), "ogp", "open_parliament_0703.csv"))
	must(t, err)
	return raw
}

// TestReference imports OGP's file of July 2024 (T4.1 to T4.4 through the
// database), twice.
func TestReference(t *testing.T) {
	raw := realFile(t)
	want, err := ogpfile.Read(bytes.NewReader(raw))
	must(t, err)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		p := newPort(t, d)
		if res := p.file("ogp.csv", string(raw), Options{DryRun: true}); res.Reference.Added != 558 || p.count("plan_reference") != 0 || p.count("plan_import") != 0 {
			t.Errorf("a dry run: %+v, %d rows", res.Reference, p.count("plan_reference"))
		}
		res := p.file("ogp.csv", string(raw), Options{})
		if res.Reference != (Tally{Added: 558}) || res.Plans != 0 || p.count("plan") != 0 || p.count("commitment") != 0 {
			t.Fatalf("%+v", res)
		}
		for what, n := range map[string]int{"plan_reference": 558, "(SELECT DISTINCT key FROM plan_reference) x": 558, "(SELECT DISTINCT country FROM plan_reference) x": 75, "(SELECT DISTINCT plan FROM plan_reference) x": 214} {
			if got := p.count(what); got != n {
				t.Errorf("%s: %d, want %d", what, got, n)
			}
		}
		if again := p.file("ogp.csv", string(raw), Options{}); again.Reference != (Tally{Same: 558}) || p.count("plan_reference") != 558 {
			t.Errorf("again: %+v", again.Reference)
		}
		issues := ogpfile.Check(want).Issues
		if len(res.Problems) != len(issues) || !slices.ContainsFunc(res.Problems, func(x Problem) bool { return x.Value == "7/19/1905" && x.Likely == "2027" && x.Row > 0 }) {
			t.Errorf("%d problems, want the %d of the file's own report", len(res.Problems), len(issues))
		}
		p.sameTable(want)
	}, schemas...)
}

// sameTable compares what the database keeps with a file: every cell, and what
// follows from them.
func (p port) sameTable(want *ogpfile.File) {
	p.t.Helper()
	var got *ogpfile.File
	p.view(func(tx *db.Tx) (err error) { got, _, err = table(p.t.Context(), tx); return err })
	if got.Len() != want.Len() {
		p.t.Fatalf("%d rows, want %d", got.Len(), want.Len())
	}
	for _, w := range want.Rows() {
		g, ok := got.Find(w.ID())
		for _, c := range ogpfile.Columns() {
			if !ok || g.Text(c) != w.Text(c) {
				p.t.Fatalf("%s %s: %q, want %q", w.ID(), c, g.Text(c), w.Text(c))
			}
		}
	}
	a, err := ogpfile.Derive(got, ogpfile.Rules())
	must(p.t, err)
	b, err := ogpfile.Derive(want, ogpfile.Rules())
	must(p.t, err)
	for i := range a.Mismatches {
		slices.Sort(a.Mismatches[i].IDs)
		slices.Sort(b.Mismatches[i].IDs)
	}
	if !reflect.DeepEqual(a.Mismatches, b.Mismatches) {
		p.t.Errorf("what follows from the columns differs:\n%v\n%v", a.Mismatches, b.Mismatches)
	}
}

// ours are rows of the real file made into rows of this country.
func ours(t testing.TB) string {
	f, err := ogpfile.Read(bytes.NewReader(realFile(t)))
	must(t, err)
	for i, r := range f.Rows() {
		if r.Text(ogpfile.ColPlan) == "AP_GEO04" || r.Text(ogpfile.ColPlan) == "AP_CHL01" {
			f.Set(i, ogpfile.ColMember, "Belize")
			f.Set(i, ogpfile.ColCode, "BLZ")
			f.Set(i, ogpfile.ColPlan, strings.Replace(strings.Replace(r.Text(ogpfile.ColPlan), "CHL", "BLZ", 1), "GEO", "BLZ", 1))
		}
	}
	var b strings.Builder
	must(t, f.Write(&b))
	return b.String()
}

// TestOwnPlans imports rows of this country as plans that are being prepared.
func TestOwnPlans(t *testing.T) {
	text := ours(t)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		p := newPort(t, d)
		office, _, err := org.EnsureByName(t.Context(), d, who.System(policy, "test"), "Office", org.National)
		must(t, err)
		res := p.file("ogp.csv", text, Options{Org: "Office"})
		if res.Plans != 2 || res.Commitments < 5 || res.Milestones == 0 || res.Refused != 0 || res.Reference.Added != 558 {
			t.Fatalf("%+v", res)
		}
		if n := p.count(`plan WHERE state = 'preparing' AND org = '` + office.ID + `'`); n != 2 {
			t.Errorf("%d plans are being prepared", n)
		}
		if n := p.count(`commitment WHERE state <> 'drafting'`); n != 0 {
			t.Errorf("%d commitments are not drafts", n)
		}
		if n := p.count("organisation"); n != 1 {
			t.Errorf("%d organisations: some were invented", n)
		}
		if n := p.count(`plan_reference WHERE record <> ''`); n != res.Commitments {
			t.Errorf("%d rows lead to their commitment, want %d", n, res.Commitments)
		}
		again := p.file("ogp.csv", text, Options{Org: "Office"})
		if again.Plans != 0 || again.Commitments != 0 || again.Skipped != res.Commitments || p.count("commitment") != res.Commitments || p.count("plan") != 2 {
			t.Errorf("again: %+v", again)
		}
		p.exportsBack(text)
	}, schemas...)
}

// exportsBack exports a plan in OGP's shape (T8.6) and compares its identity
// with the rows that it came from.
func (p port) exportsBack(text string) {
	p.t.Helper()
	var b bytes.Buffer
	must(p.t, p.writeCSV(&b, p.whole("Belize: AP_BLZ04"), template.Current))
	rows, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
	must(p.t, err)
	if len(rows[0]) != 19+86 || rows[0][0] != string(ogpfile.ColID) {
		p.t.Fatalf("%d columns", len(rows[0]))
	}
	out, err := ogpfile.Read(&b)
	must(p.t, err)
	in, err := ogpfile.Read(strings.NewReader(text))
	must(p.t, err)
	for _, r := range out.Rows() {
		was, ok := in.Find(r.ID())
		if !ok {
			p.t.Fatalf("%s is not in the file", r.ID())
		}
		for _, c := range []ogpfile.Column{ogpfile.ColCode, ogpfile.ColTitle, ogpfile.ColNumber, ogpfile.ColPlanNumber} {
			if r.Text(c) != strings.TrimSpace(was.Text(c)) {
				p.t.Errorf("%s %s: %q, want %q", r.ID(), c, r.Text(c), was.Text(c))
			}
		}
		for _, c := range []ogpfile.Column{ogpfile.ColStart, ogpfile.ColEnd} {
			if a, b := ogpfile.ParseDate(r.Text(c)), ogpfile.ParseDate(was.Text(c)); a.From != b.From || a.To != b.To {
				p.t.Errorf("%s %s: %q, want %q", r.ID(), c, r.Text(c), was.Text(c))
			}
		}
		if !slices.Equal(r.Tags(), ogpfile.WithParents(was.Tags())) {
			p.t.Errorf("%s: tags %v, want %v", r.ID(), r.Tags(), was.Tags())
		}
	}
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// withoutIDs puts a number in the place of every identifier, by first use.
func withoutIDs(text string) string {
	seen := map[string]string{}
	return uuid.ReplaceAllStringFunc(text, func(id string) string {
		if seen[id] == "" {
			seen[id] = "id" + strconv.Itoa(len(seen)+1)
		}
		return seen[id]
	})
}

func textOf(t testing.TB, o Own) string {
	raw, err := json.MarshalIndent(o, "", " ")
	must(t, err)
	return string(raw)
}

// TestOwnRoundTrip exports the demonstration's plans, imports them into an empty
// site and exports again.
func TestOwnRoundTrip(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		p := newPort(t, d)
		must(t, demo.Fill(t.Context(), p.Plans, who.System(policy, "demo")))
		for _, title := range []string{"Demonstration: a plan that is being kept", "Demonstration: Belize's first open government action plan (2020–2021)"} {
			first := p.whole(title).own()
			if len(first.Commitments) < 3 {
				t.Fatal("the demonstration has no commitments")
			}
			there := newPort(t, dbtest.Open(t, dbtest.SQLite(t), schemas...))
			res := there.file("export.json", textOf(t, first), Options{CreateOrgs: true})
			if res.Plans != 1 || res.Commitments != len(first.Commitments) {
				t.Fatalf("%+v", res)
			}
			second := there.whole(title).own()
			for _, o := range []*Own{&first, &second} { // what became of them is history
				o.Plan.State, o.Plan.Delivered, o.Plan.Version = "", "", 0
				for i := range o.Commitments {
					c := &o.Commitments[i]
					c.State, c.Reason, c.Version = "", "", 0
					for j := range c.Parties {
						c.Parties[j].Confirmed = false
					}
				}
			}
			if a, b := withoutIDs(textOf(t, first)), withoutIDs(textOf(t, second)); a != b {
				t.Errorf("%s\n\nbecame\n\n%s", a, b)
			}
			if again := there.file("export.json", textOf(t, first), Options{CreateOrgs: true}); again.Plans != 0 || again.Commitments != 0 {
				t.Errorf("again: %+v", again)
			}
			if back := p.file("export.json", textOf(t, first), Options{}); back.Plans != 0 || back.Commitments != 0 || back.Skipped != len(first.Commitments) {
				t.Errorf("into the site that wrote it: %+v", back)
			}
		}
	}, schemas...)
}

// words draws a text that a commitment may have.
func words(t *rapid.T, name string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"roads", "water", "[Budget]", "óptimo", "—", "a; b", "1. x"}), 0, 4).Draw(t, name), " ")
}

// anyCommitment draws a commitment in canonical form.
func anyCommitment(t *rapid.T) (c template.Commitment) {
	for _, f := range []template.Field{
		template.Number, template.Title, template.Brief, template.Problem, template.Causes, template.DoneSoFar, template.Solution, template.Results,
		template.Transparency, template.Accountability, template.Participation, template.Contribution, template.Relevance, template.Additional,
		template.Budget, template.Links, template.SDGs, template.ContactName, template.ContactTitle, template.ContactReach, template.Text,
	} {
		c.Set(f, words(t, string(f)))
	}
	c.Title = "A " + c.Title
	if rapid.Bool().Draw(t, "long") {
		c.Title += strings.Repeat(" very long", 40)
	}
	c.Title = strings.TrimSpace(strconv.Itoa(rapid.IntRange(1, 1_000_000).Draw(t, "nth")) + " " + c.Title)
	c.Country = "Belize"
	c.Lead = rapid.SampledFrom([]string{"", "Office", "Nobody knows", "Office; Nobody knows"}).Draw(t, "lead")
	c.Government = rapid.SampledFrom([]string{"", "Nowhere"}).Draw(t, "government")
	c.CivilSociety = rapid.SampledFrom([]string{"", "Network", "Network; Others"}).Draw(t, "society")
	days := rapid.SampledFrom([]string{"", "2027-01-31", "Ongoing", "March 2027", "31/12/2027"})
	c.Start, c.End = days.Draw(t, "start"), days.Draw(t, "end")
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		m := template.Milestone{
			Title: "Step " + words(t, "step"), Output: words(t, "output"), Budget: words(t, "budget"), Start: days.Draw(t, "from"), End: days.Draw(t, "until"),
			Indicator: words(t, "indicator"), Baseline: words(t, "baseline"), Target: words(t, "target"), Supporting: words(t, "supporting"),
			Lead: rapid.SampledFrom([]string{"", "Office", "Nobody knows"}).Draw(t, "step lead"),
		}
		m.Title = strings.TrimSpace(m.Title)
		c.Milestones = append(c.Milestones, m)
	}
	return c
}

// TestTemplates takes commitments in either template through the database and
// back.
func TestTemplates(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		p := newPort(t, d)
		system := who.System(policy, "test")
		office, _, err := org.EnsureByName(t.Context(), d, system, "Office", org.National)
		must(t, err)
		_, _, err = org.EnsureByName(t.Context(), d, system, "Network", org.CivilSociety)
		must(t, err)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			pl, err := p.Create(t.Context(), secretariat, plan.Plan{Org: office.ID, Title: "Plan " + strconv.Itoa(n), Lang: "en", Level: plan.National})
			must(t, err)
			f := anyCommitment(rt)
			if rapid.Bool().Draw(rt, "former") {
				f = template.FromFormer(template.ToFormer(f))
			} else {
				f = template.FromCurrent(template.ToCurrent(f))
			}
			if got := p.through(pl, f); !reflect.DeepEqual(normal(got), normal(f)) {
				rt.Fatalf("%+v\n\nbecame\n\n%+v", f, got)
			}
		})
	}, schemas...)
}

func normal(c template.Commitment) template.Commitment {
	c.Milestones = append([]template.Milestone{}, c.Milestones...)
	return c
}

// through writes a commitment into the database and reads it.
func (p port) through(pl plan.Plan, f template.Commitment) (out template.Commitment) {
	p.t.Helper()
	ctx := p.t.Context()
	must(p.t, p.DB.Update(ctx, func(tx *db.Tx) error {
		at := brought{plan: pl, records: map[string]string{}}
		d := p.take(f, "en")
		d.key = strconv.FormatInt(tx.Now.UnixNano(), 36)
		if err := p.bringDraft(ctx, tx, secretariat, OGP, d, Options{}, &at); err != nil {
			return err
		}
		w, err := gather(ctx, tx, pl)
		for _, c := range w.Commitments {
			if c.ID == at.records[d.key] {
				out = p.form(c, w.Milestones[c.ID], w.Parties[c.ID], w.Orgs)
			}
		}
		return err
	}))
	return out
}

// TestWhoMay refuses everybody but the secretariat, and other countries'
// commitments a place in a plan.
func TestWhoMay(t *testing.T) {
	p := newPort(t, dbtest.Open(t, dbtest.SQLite(t), schemas...))
	path := filepath.Join(t.TempDir(), "x.csv")
	must(t, os.WriteFile(path, []byte("Number;Title\n1;Roads\n"), 0o600))
	if _, err := p.File(t.Context(), official, path, "x.csv", Options{Lang: "en"}); err == nil {
		t.Error("an official of one office imported for the site")
	}
	for plan, name := range map[string]string{"AP_GEO04": "x.csv", "nope": "x.csv"} {
		if _, err := p.File(t.Context(), secretariat, path, name, Options{Lang: "en", Plan: plan, Org: "Office", CreateOrgs: true}); err == nil {
			t.Errorf("imported into %s", plan)
		}
	}
	if p.count("plan") != 0 || p.count("organisation") != 0 || p.count("commitment") != 0 {
		t.Error("something was written by halves")
	}
}

// TestCanada imports both of Canada's tables as reference, with every milestone.
func TestCanada(t *testing.T) {
	p := newPort(t, dbtest.Open(t, dbtest.SQLite(t), schemas...))
	for name, n := range map[string]int{"nap5.yaml": 5, "nap6.yaml": 4} {
		raw, err := os.ReadFile(filepath.Join(needtest.Data(t), "ogp", name))
		must(t, err)
		if res := p.file(name, string(raw), Options{}); res.Reference.Added != n || res.Plans != 0 || len(res.Problems) != 0 {
			t.Errorf("%s: %+v", name, res)
		}
		if res := p.file(name, string(raw), Options{}); res.Reference.Same != n {
			t.Errorf("%s again: %+v", name, res)
		}
	}
	p.view(func(tx *db.Tx) error {
		r, err := db.Get(t.Context(), tx, referenceFields, `SELECT `+referenceColumns+` FROM plan_reference WHERE key = 'nap6/C01'`)
		if len(r.Form.V.Milestones) < 5 || r.Year != 2025 || r.Country != "Canada" {
			t.Errorf("%+v", r)
		}
		return err
	})
}

// TestHostile hands in what is no plan.
func TestHostile(t *testing.T) {
	p := newPort(t, dbtest.Open(t, dbtest.SQLite(t), schemas...))
	for name, text := range map[string]string{
		"empty.csv": "", "nothing.json": "{}", "list.json": "[1]", "broken.json": `{"format":"ceiba-plan/1","plan":`, "deep.json": "{" + strings.Repeat(`"a":{`, 20000),
		"page.html": "<!doctype html><script>alert(1)</script>", "bomb.yaml": "a: &a [x,x]\nb: &b [*a,*a]\n", "head.csv": string(ogpfile.ColID) + "\n1\n",
		"wide.csv": strings.Repeat("a,", 5000) + "\n", "types.json": `{"format":"ceiba-plan/1","commitments":7}`,
		"bin.xlsx": "PK\x03\x04" + strings.Repeat("\x00", 99),
	} {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		if res, err := p.File(t.Context(), secretariat, path, name, Options{Lang: "en", Org: "Office", CreateOrgs: true}); err == nil && res.Refused == 0 {
			t.Errorf("%s was taken: %+v", name, res)
		}
	}
	if p.count("plan")+p.count("commitment")+p.count("plan_reference")+p.count("organisation") != 0 {
		t.Error("something was written by halves")
	}
}
