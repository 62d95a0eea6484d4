package consultation

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var (
	policy  = who.MustPolicy(append(append([]who.Rule{}, Rules...), record.Rules...)...)
	schemas = []db.Schema{activity.Schema, who.Schema, org.Schema, record.Schema, Schema}
	reason  = strings.TrimSpace(strings.Repeat("because ", FewestWords))
)

// hall is a desk with two organisations and a clock that tests turn.
type hall struct {
	*Desk
	t   testing.TB
	now time.Time
}

func newHall(t testing.TB, d *db.DB) *hall {
	t.Helper()
	h := &hall{Desk: &Desk{DB: d}, t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	kinds, err := record.NewRegistry(h.Records()...)
	if err != nil {
		t.Fatal(err)
	}
	h.Kinds = func() *record.Registry { return kinds }
	d.SetClock(func() time.Time { h.now = h.now.Add(time.Millisecond); return h.now })
	h.must(d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO organisation
			(id, slug, kind, name, name_key, names, description, url, district, parent, valid_from, valid_to, version, changed_at)
			SELECT id, id, 'civil_society', id, id, '{}', '', '', '', '', '', '', 1, 0 FROM (SELECT 'works' AS id UNION SELECT 'ngo') AS ids`)
		return err
	}))
	return h
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// later turns the clock; annotations of one person are at most four a minute.
func (h *hall) later(d time.Duration) { h.now = h.now.Add(d) }

// as returns an actor by name: officer works for the office, sec is the
// secretariat, mod moderates, anna speaks for an organisation.
func (h *hall) as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L1, Strong: true}
	switch name {
	case "":
		return who.Nobody(policy)
	case "officer":
		a.Grants = []who.Grant{{Role: who.Official, Org: "works"}}
	case "elsewhere":
		a.Grants = []who.Grant{{Role: who.Official, Org: "ngo"}}
	case "sec":
		a.Grants = []who.Grant{{Role: who.Secretariat}}
	case "mod":
		a.Grants = []who.Grant{{Role: who.Moderator}}
	case "anna":
		a.Grants = []who.Grant{{Role: who.Member, Org: "ngo"}}
	case "unproved":
		a.Level = who.L0
	}
	return who.As(policy, a)
}

const draft = "# Roads\n\nWe will pave the access road by June.\n\nResidents see every contract before it is signed.\n"

// draft makes a consultation that is not public yet, with a text.
func (h *hall) draft() Consultation {
	h.t.Helper()
	c, err := h.Create(h.t.Context(), h.as("officer"), Consultation{
		Of: record.Ref{}, Org: "works", Title: "Draft promise", Introduction: "What we promise.", Lang: "en", Closes: db.Time{Time: h.now.Add(30 * 24 * time.Hour)},
	})
	h.must(err)
	_, err = h.Write(h.t.Context(), h.as("officer"), c.ID, Text{Source: draft})
	h.must(err)
	return h.read(c.ID)
}

func (h *hall) open() Consultation {
	h.t.Helper()
	c := h.draft()
	c, err := h.Publish(h.t.Context(), h.as("officer"), c.ID, c.Version)
	h.must(err)
	return c
}

func (h *hall) read(id string) (c Consultation) {
	h.t.Helper()
	h.must(h.DB.View(h.t.Context(), func(tx *db.Tx) (err error) { c, err = get(h.t.Context(), tx, id); return err }))
	return c
}

func (h *hall) note(id string) (a Annotation) {
	h.t.Helper()
	h.must(h.DB.View(h.t.Context(), func(tx *db.Tx) (err error) { a, err = annotationByID(h.t.Context(), tx, id); return err }))
	return a
}

func (h *hall) cover(id string) (c Cover) {
	h.t.Helper()
	h.must(h.DB.View(h.t.Context(), func(tx *db.Tx) (err error) { c, err = CoverOf(h.t.Context(), tx, id); return err }))
	return c
}

func (h *hall) write(c Consultation, author string, in Note) Annotation {
	h.t.Helper()
	h.later(time.Minute)
	if in.Lang == "" {
		in.Lang = "en"
	}
	if in.Sort == "" {
		in.Sort = Comment
	}
	if in.Text == "" {
		in.Text = "Said by " + author
	}
	a, err := h.Annotate(h.t.Context(), h.as(author), c.ID, in)
	h.must(err)
	return a
}

func wants(t testing.TB, err error, key string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("want %s, got %v", key, err)
	}
}

func both(t *testing.T, f func(t *testing.T, h *hall)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { f(t, newHall(t, d)) }, schemas...)
}

func TestWhoMayWork(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.draft(), t.Context()
		for _, x := range []struct {
			name string
			want fault.Kind
		}{{"", fault.SignIn}, {"ben", fault.Denied}, {"elsewhere", fault.Denied}} {
			if _, err := h.Create(ctx, h.as(x.name), Consultation{Org: "works", Title: "A", Lang: "en"}); fault.KindOf(err) != x.want {
				t.Errorf("%q makes one: %v", x.name, err)
			}
			if _, err := h.Publish(ctx, h.as(x.name), c.ID, c.Version); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%q publishes a draft that is none of theirs: %v", x.name, err)
			}
		}
		c = h.open()
		_, err := h.Write(ctx, h.as("elsewhere"), c.ID, Text{From: 1, Source: "Mine", Reason: "So"})
		wants(t, err, "who.denied")
		wants(t, h.Respond(ctx, h.as("ben"), c.ID, Answer{}, nil), "who.denied")
		if _, err := h.Create(ctx, h.as("sec"), Consultation{Org: "works", Title: "By the secretariat", Lang: "en"}); err != nil {
			t.Error(err)
		}
		_, err = h.Create(ctx, h.as("sec"), Consultation{Org: "none", Title: "A", Lang: "en"})
		wants(t, err, "org=fault.choice")
	})
}

// TestHost: those whom the host of a record lets work on it may, by their hands
// and not by a key that was made for something else.
func TestHost(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		h.Hosts = map[string]Host{Kind: {May: func(_ context.Context, _ *db.Tx, a who.Actor, action, id string) error {
			if a.ID == "chair" && action == "consultation.write" && id != "" {
				return nil
			}
			return fault.New(fault.Denied, "who.denied")
		}}}
		about := h.open() // any record serves as what a text is about
		in := Consultation{Of: about.Ref(), Org: "works", Title: "By a chair", Lang: "en"}
		c, err := h.Create(ctx, h.as("chair"), in)
		h.must(err)
		if _, err = h.Write(ctx, h.as("chair"), c.ID, Text{Source: "A text."}); err != nil {
			t.Error(err)
		}
		_, err = h.Create(ctx, h.as("ben"), in)
		wants(t, err, "who.denied")
		key := h.as("chair")
		key.Key, key.Only = "k", []string{"dataset.read"}
		_, err = h.Create(ctx, key, in)
		wants(t, err, "who.key_denied")
		h.must(h.DB.View(ctx, func(tx *db.Tx) error {
			list, err := h.Working(ctx, tx, h.as("chair"))
			if len(list) != 1 || list[0].ID != c.ID {
				t.Errorf("the chair works on %v", list)
			}
			return err
		}))
	})
}

func TestTimes(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		ctx, officer := t.Context(), h.as("officer")
		empty, err := h.Create(ctx, officer, Consultation{Org: "works", Title: "Empty", Lang: "en"})
		h.must(err)
		_, err = h.Publish(ctx, officer, empty.ID, 1)
		wants(t, err, "text=consultation.no_text introduction=fault.required closes=fault.required")
		c := h.open()
		if c.Opens != c.Published || !c.Open(h.now) {
			t.Errorf("opens %v, published %v", c.Opens, c.Published)
		}
		end := c.Closes.Time
		_, err = h.Extend(ctx, officer, c.ID, c.Version, end.Add(-time.Hour), "Enough")
		wants(t, err, "closes=consultation.only_later")
		_, err = h.Extend(ctx, officer, c.ID, c.Version, end.AddDate(7000, 0, 0), "A slip of the pen")
		wants(t, err, "closes=fault.too_far")
		_, err = h.Extend(ctx, officer, c.ID, c.Version, end.Add(time.Hour), "")
		wants(t, err, "reason=fault.required")
		in := c
		in.Closes = db.Time{Time: h.now.Add(time.Hour)}
		c, err = h.Edit(ctx, officer, in)
		if err != nil || !c.Closes.Equal(end) {
			t.Errorf("editing moved the end to %v: %v", c.Closes, err)
		}
		if _, err = h.Edit(ctx, officer, in); !errors.Is(err, db.ErrConflict) {
			t.Errorf("the second edit of one version: %v", err)
		}
		c, err = h.Extend(ctx, officer, c.ID, c.Version, end.Add(24*time.Hour), "A storm")
		h.must(err)
		h.now = end.Add(23 * time.Hour)
		h.write(c, "ben", Note{Paragraph: "2"})
		h.now = end.Add(24 * time.Hour)
		_, err = h.Annotate(ctx, h.as("ben"), c.ID, Note{Paragraph: "2", Sort: Comment, Text: "Late", Lang: "en"})
		wants(t, err, "consultation.not_open")
		_, err = h.Extend(ctx, officer, c.ID, c.Version, end.Add(48*time.Hour), "Late")
		wants(t, err, "consultation.not_open")
		for want := 1; want >= 0; want-- {
			if n, err := h.CloseDue(ctx); n != want || err != nil {
				t.Errorf("closed %d, %v", n, err)
			}
		}
		if c = h.read(c.ID); c.State != Closed {
			t.Errorf("it is %s", c.State)
		}
	})
}

func TestWithdraw(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		c, err := h.Withdraw(ctx, h.as("officer"), c.ID, c.Version, "It was the wrong text")
		h.must(err)
		h.must(h.DB.View(ctx, func(tx *db.Tx) error {
			_, err := h.See(ctx, tx, h.as("ben"), c.ID)
			if fault.KindOf(err) != fault.Gone {
				t.Errorf("a reader gets %v", err)
			}
			card, err := h.Kinds().One(ctx, tx, h.as(""), c.Ref())
			if !card.Gone || card.Public {
				t.Errorf("its card: %+v", card)
			}
			return err
		}))
		_, err = h.Write(ctx, h.as("officer"), c.ID, Text{From: 1, Source: "More", Reason: "So"})
		wants(t, err, "consultation.ended")
	})
}

// TestTwoWriteAtOnce: of two next versions one comes, and the other is told.
func TestTwoWriteAtOnce(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		in := Text{From: 1, Source: draft + "\nA third promise.", Reason: "Asked for"}
		v, err := h.Write(ctx, h.as("officer"), c.ID, in)
		if err != nil || v.N != 2 || v.Changes != (Changes{Same: 3, New: 1}) || v.Paragraphs[3].ID != "4" {
			t.Fatalf("%+v, %v", v, err)
		}
		in.Source = "Another text."
		if _, err = h.Write(ctx, h.as("sec"), c.ID, in); !errors.Is(err, db.ErrConflict) {
			t.Errorf("the second: %v", err)
		}
		_, err = h.Write(ctx, h.as("sec"), c.ID, Text{From: 2, Source: "Another text."})
		wants(t, err, "reason=fault.required")
		_, err = h.Write(ctx, h.as("sec"), c.ID, Text{From: 2, Source: draft + "\n\nA  third promise. ", Reason: "None"})
		wants(t, err, "text=consultation.same_text")
		h.must(h.DB.View(ctx, func(tx *db.Tx) error {
			first, err := VersionOf(ctx, tx, c.ID, 1)
			if len(first.Paragraphs) != 3 {
				t.Errorf("version 1 has %d paragraphs now", len(first.Paragraphs))
			}
			return err
		}))
	})
}

func TestList(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		h.draft()
		for range 3 {
			h.later(time.Hour)
			h.open()
		}
		var got []string
		h.must(h.DB.View(ctx, func(tx *db.Tx) error {
			now, err := Current(ctx, tx)
			if len(now) != 3 || !now[0].Closes.Before(now[1].Closes.Time) {
				t.Errorf("open: %v", now)
			}
			return err
		}))
		h.later(31 * 24 * time.Hour)
		for cursor, more := "", true; more; more = cursor != "" {
			h.must(h.DB.View(ctx, func(tx *db.Tx) error {
				p, err := Past(ctx, tx, cursor, 2)
				for _, c := range p.Consultations {
					got = append(got, c.ID)
				}
				cursor = p.Next
				return err
			}))
		}
		if len(got) != 3 || got[0] < got[2] {
			t.Errorf("past: %v", got)
		}
	})
}
