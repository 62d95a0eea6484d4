package consultation

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func TestAnnotate(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		ok := Note{Paragraph: "2", Sort: Comment, Text: "Why June?", Lang: "en"}
		for _, x := range []struct {
			name string
			in   Note
			key  string
		}{
			{"", ok, "who.sign_in"},
			{"unproved", ok, "who."},
			{"ben", Note{Paragraph: "9", Sort: Comment, Text: "A", Lang: "en"}, "not found"},
			{"ben", Note{Paragraph: "2", Sort: "rant", Text: " ", Lang: "xx"}, "kind=fault.choice text=fault.required lang=fault.choice"},
			{"ben", Note{Paragraph: "2", Sort: Comment, Text: "A", Lang: "en", Quote: "not in it"}, "quote=consultation.no_quote"},
			{"ben", Note{Paragraph: "2", Sort: Comment, Text: "A", Lang: "en", Org: "ngo"}, "org=fault.choice"},
			{"ben", Note{Paragraph: "2", Sort: Amendment, Text: "A", Lang: "en"}, "replacement=fault.required"},
			{"ben", Note{Paragraph: "2", Sort: Amendment, Text: "A", Lang: "en", Replacement: "We  will pave the access road by June."}, "replacement=consultation.same_words"},
			{"ben", Note{Paragraph: "2", Sort: Amendment, Text: "A", Lang: "en", Replacement: "One.\n\nTwo."}, "replacement=consultation.one_paragraph"},
			{"ben", Note{Paragraph: "2", Sort: Amendment, Text: "A", Lang: "en", Replacement: "# Heading"}, "replacement=consultation.one_paragraph"},
		} {
			_, err := h.Annotate(ctx, h.as(x.name), c.ID, x.in)
			wants(t, err, x.key)
		}
		a := h.write(c, "anna", Note{Paragraph: "2", Quote: "the access  road", Org: "ngo", Lang: "es"})
		got := h.note(a.ID)
		if got.Anchor.Prefix != "We will pave " || got.Anchor.Suffix != " by June." || got.Org != "ngo" || got.Sector != "civil_society" || got.Lang != "es" || got.Body != "Said by anna" {
			t.Errorf("%+v", got)
		}
		held := h.write(c, "ben", Note{Paragraph: "2", Text: "http://a http://b http://c"})
		if n := h.seen(c, "cas", Which{}); len(n) != 1 {
			t.Errorf("a reader sees %d", len(n))
		}
		if n := h.seen(c, "ben", Which{}); len(n) != 2 || h.cover(c.ID).All != 1 {
			t.Errorf("its author sees %d, %v", len(n), h.cover(c.ID))
		}
		h.moderate(held, record.Visible, "")
		h.moderate(a, record.Hidden, "Rule 1")
		n := h.seen(c, "cas", Which{})
		if len(n) != 2 || n[0].Body != "" || n[0].Hidden != "Rule 1" || n[0].Author != "" || h.cover(c.ID).All != 1 {
			t.Errorf("after moderation: %+v, %v", n, h.cover(c.ID))
		}
		for range 4 {
			h.now = h.now.Add(time.Millisecond)
			_, err := h.Annotate(ctx, h.as("dora"), c.ID, ok)
			h.must(err)
		}
		_, err := h.Annotate(ctx, h.as("dora"), c.ID, ok)
		wants(t, err, "record.too_fast")
	})
}

func (h *hall) seen(c Consultation, name string, w Which) (out []Annotation) {
	h.t.Helper()
	h.must(h.DB.View(h.t.Context(), func(tx *db.Tx) error {
		for cursor, more := "", true; more; more = cursor != "" {
			n, err := Annotations(h.t.Context(), tx, h.as(name), c, w, cursor, 2)
			if err != nil {
				return err
			}
			out, cursor = append(out, n.Annotations...), n.Next
		}
		return nil
	}))
	return out
}

func (h *hall) moderate(a Annotation, to record.CommentState, why string) {
	h.t.Helper()
	h.must(h.DB.Update(h.t.Context(), func(tx *db.Tx) error {
		_, err := h.Kinds().Moderate(h.t.Context(), tx, h.as("mod"), a.Comment, to, why)
		return err
	}))
}

func TestAgree(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		a := h.write(c, "ben", Note{Paragraph: "2"})
		wants(t, h.Agree(ctx, h.as("ben"), a.ID, true), "consultation.no_agreeing")
		for _, name := range []string{"anna", "anna", "cas"} {
			h.must(h.Agree(ctx, h.as(name), a.ID, true))
		}
		h.must(h.Agree(ctx, h.as("cas"), a.ID, false))
		h.must(h.Agree(ctx, h.as("cas"), a.ID, false))
		if n := h.note(a.ID).Agreed; n != 1 {
			t.Errorf("%d agree", n)
		}
	})
}

// TestNothingIsLost: annotations go with their words, become orphans with the
// old text when these are taken out, and come back with them.
func TestNothingIsLost(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		whole := h.write(c, "ben", Note{Paragraph: "2"})
		quote := h.write(c, "cas", Note{Paragraph: "2", Quote: "by June", Sort: Question})
		for i, x := range []struct {
			text         string
			whole, quote paragraph.Hold
		}{
			{"# Roads\n\nResidents see every contract before it is signed.\n\nWe will pave the whole access road by June.\n", paragraph.Shifted, paragraph.Shifted},
			{"# Roads\n\nResidents see every contract before it is signed.\n", paragraph.Orphaned, paragraph.Orphaned},
			{draft, paragraph.Exact, paragraph.Exact},
		} {
			_, err := h.Write(ctx, h.as("officer"), c.ID, Text{From: i + 1, Source: x.text, Reason: "So"})
			h.must(err)
			a, b := h.note(whole.ID), h.note(quote.ID)
			if x.whole == paragraph.Exact { // the numbers are new, but the words are there
				if a.Hold == paragraph.Orphaned || b.Hold == paragraph.Orphaned {
					t.Errorf("they did not come back: %s, %s", a.Hold, b.Hold)
				}
			} else if a.Hold != x.whole || b.Hold != x.quote || a.Anchor.Text != "We will pave the access road by June." {
				t.Errorf("version %d: %s, %s, %q", i+2, a.Hold, b.Hold, a.Anchor.Text)
			}
			if n := h.seen(c, "dora", Which{}); len(n) != 2 {
				t.Errorf("version %d shows %d annotations", i+2, len(n))
			}
			if n := len(h.seen(c, "dora", Which{Orphans: true})); n != 2 && x.whole == paragraph.Orphaned {
				t.Errorf("%d orphans", n)
			}
		}
	})
}

func TestAcceptAmendment(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		first := h.write(c, "ben", Note{Paragraph: "2", Sort: Amendment, Replacement: "Buses and carts reach every village."})
		second := h.write(c, "cas", Note{Paragraph: "2", Sort: Amendment, Replacement: "We will pave the access road and light it."})
		h.must(h.Evaluate(ctx, h.as("officer"), first.ID))
		_, err := h.Accept(ctx, h.as("ben"), first.ID, Acceptance{Seen: 1})
		wants(t, err, "who.denied")
		if _, err = h.Accept(ctx, h.as("officer"), first.ID, Acceptance{Seen: 7}); !errors.Is(err, db.ErrConflict) {
			t.Errorf("a text that was not seen: %v", err)
		}
		_, err = h.Accept(ctx, h.as("officer"), first.ID, Acceptance{Seen: 1, Words: "Buses reach every village."})
		wants(t, err, "because=consultation.few_words")
		v, err := h.Accept(ctx, h.as("officer"), first.ID, Acceptance{Seen: 1})
		h.must(err)
		a, b := h.note(first.ID), h.note(second.ID)
		if v.N != 2 || v.Amendment != first.ID || v.Paragraphs[1].ID != "2" || v.Paragraphs[1].Text != first.Replacement || a.State != Accepted || b.State != Superseded || a.In != "2" || b.In != "2" {
			t.Fatalf("%+v, %s, %s", v, a.State, b.State)
		}
		if k := h.cover(c.ID); k != (Cover{1, 2}) || a.Response == "" {
			t.Errorf("cover %v", k)
		}
		_, err = h.Accept(ctx, h.as("officer"), second.ID, Acceptance{Seen: 2})
		wants(t, err, "consultation.no_step.superseded")
		h.must(h.Respond(ctx, h.as("officer"), c.ID, Answer{Decision: NotAdopted, Because: reason}, []string{second.ID}))
		if b = h.note(second.ID); b.State != Superseded || b.Response == "" {
			t.Errorf("the answer made it %s", b.State)
		}
		h.must(h.DB.View(ctx, func(tx *db.Tx) error {
			vs, err := VersionsOf(ctx, tx, c.ID)
			if len(vs) != 2 || vs[0].Reason != "" || vs[0].Amendment != first.ID {
				t.Errorf("versions %+v", vs)
			}
			return err
		}))
	})
}

func TestRespond(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx, officer := h.open(), t.Context(), h.as("officer")
		a := h.write(c, "ben", Note{Paragraph: "2"})
		b := h.write(c, "cas", Note{Paragraph: "3", Sort: Question})
		x := h.write(c, "cas", Note{Paragraph: "3", Sort: Amendment, Replacement: "Residents see everything."})
		for _, bad := range []struct {
			in  Answer
			ids []string
			key string
		}{
			{Answer{Decision: Adopted}, nil, "annotations=consultation.choose_some"},
			{Answer{Decision: "maybe"}, []string{a.ID}, "decision=fault.choice"},
			{Answer{Decision: NotAdopted, Because: "No."}, []string{a.ID}, "because=consultation.few_words"},
			{Answer{Decision: Later, Because: reason, Later: "soon"}, []string{a.ID}, "later=fault.date"},
			{Answer{Decision: OutsideMandate, Because: reason}, []string{a.ID}, "forwarded=fault.required"},
			{Answer{Decision: Adopted}, []string{a.ID, x.ID}, "consultation.accept_instead"},
			{Answer{Decision: Adopted}, []string{a.ID, "none"}, "not found"},
		} {
			wants(t, h.Respond(ctx, officer, c.ID, bad.in, bad.ids), bad.key)
		}
		if k := h.cover(c.ID); k != (Cover{0, 3}) {
			t.Fatalf("after refusals: %v", k)
		}
		h.must(h.Respond(ctx, officer, c.ID, Answer{Decision: AlreadyDoing, Because: reason}, []string{b.ID, a.ID, b.ID}))
		if k := h.cover(c.ID); k != (Cover{2, 3}) || h.note(a.ID).Response != h.note(b.ID).Response {
			t.Errorf("two at once: %v", k)
		}
		wants(t, h.Retract(ctx, h.as("ben"), a.ID), "consultation.answered_already")
		first := h.note(a.ID).Answered
		h.must(h.Respond(ctx, officer, c.ID, Answer{Decision: Later, Because: reason, Later: "2027-01-01"}, []string{a.ID}))
		if again := h.note(a.ID); again.Answered != first || again.Response == h.note(b.ID).Response {
			t.Errorf("answered again: %+v", again)
		}
		h.later(31 * 24 * time.Hour)
		c = h.read(c.ID)
		_, err := h.Finish(ctx, officer, c.ID, c.Version)
		wants(t, err, "consultation.unanswered n 1")
		h.must(h.Respond(ctx, officer, c.ID, Answer{Decision: NotAdopted, Because: reason}, []string{x.ID}))
		if s := h.note(x.ID).State; s != Rejected {
			t.Errorf("the amendment is %s", s)
		}
		c, err = h.Finish(ctx, officer, c.ID, c.Version)
		if err != nil || c.State != Answered {
			t.Errorf("%s, %v", c.State, err)
		}
		h.notified(c, a)
	})
}

// notified checks whom the events concern.
func (h *hall) notified(c Consultation, a Annotation) {
	h.t.Helper()
	h.must(activity.NewLog(h.DB, slog.New(slog.DiscardHandler)).Drain(h.t.Context()))
	h.must(h.DB.View(h.t.Context(), func(tx *db.Tx) error {
		events, err := activity.List(h.t.Context(), tx, activity.Filter{Kind: Kind, Record: c.ID, Verb: "consultation.responded"}, 10)
		if err != nil || len(events) != 3 {
			h.t.Errorf("%d answers in the log, %v", len(events), err)
			return err
		}
		people, err := answeredAuthors(h.t.Context(), tx, events[1]) // the newest first: ben's second answer
		if !slices.Equal(people, []string{"ben"}) {
			h.t.Errorf("an answer concerns %v", people)
		}
		cards, err2 := h.Kinds().Describe(h.t.Context(), tx, h.as(""), []record.Ref{c.Ref(), a.Ref()})
		if len(cards) != 2 || !cards[a.Ref()].Public {
			h.t.Errorf("cards %+v", cards)
		}
		return errors.Join(err, err2)
	}))
}

// TestStages walks amendments at random: whatever is tried, a stage is followed
// only by those that Steps allows, the number of versions is one more than that
// of accepted amendments, and never is more answered than was written.
func TestStages(t *testing.T) {
	h := newHall(t, dbtest.Open(t, dbtest.SQLite(t), schemas...))
	rapid.Check(t, func(rt *rapid.T) {
		h.now = h.now.Add(40 * 24 * time.Hour)
		c, ctx, officer := h.open(), t.Context(), h.as("officer")
		before := map[string]Stage{}
		var ids []string
		accepted := 0
		for range rapid.IntRange(3, 12).Draw(rt, "steps") {
			deed := rapid.SampledFrom([]string{"write", "draft", "send", "evaluate", "accept", "reject", "retract", "edit"}).Draw(rt, "deed")
			pick := func() string {
				if len(ids) == 0 {
					return "none"
				}
				return rapid.SampledFrom(ids).Draw(rt, "which")
			}
			h.later(time.Minute)
			switch c = h.read(c.ID); deed {
			case "write", "draft":
				a, err := h.Annotate(ctx, h.as("ben"), c.ID, Note{
					Paragraph: "2", Sort: Amendment, Text: "Better", Lang: "en", Draft: deed == "draft", Replacement: rapid.StringMatching(`We will [a-z]{3,8} it`).Draw(rt, "words"),
				})
				if err == nil {
					ids, before[a.ID] = append(ids, a.ID), a.State
				}
			case "send":
				h.Send(ctx, h.as("ben"), pick())
			case "evaluate":
				h.Evaluate(ctx, officer, pick())
			case "accept":
				if _, err := h.Accept(ctx, officer, pick(), Acceptance{Seen: c.Text}); err == nil {
					accepted++
				}
			case "reject":
				h.Respond(ctx, officer, c.ID, Answer{Decision: NotAdopted, Because: reason}, []string{pick()})
			case "retract":
				h.Retract(ctx, h.as("ben"), pick())
			}
			for _, id := range ids {
				now := h.note(id).State
				if now != before[id] && !slices.Contains(Steps[before[id]], now) {
					rt.Fatalf("%s: from %s to %s", deed, before[id], now)
				}
				before[id] = now
			}
		}
		if n := h.read(c.ID).Text; n != accepted+1 {
			rt.Fatalf("%d versions, %d accepted", n, accepted)
		}
		if k := h.cover(c.ID); k.Answered > k.All || k.All > len(ids) {
			rt.Fatalf("cover %v of %d", k, len(ids))
		}
	})
}

func TestDraftsAreTheirAuthors(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		a := h.write(c, "ben", Note{Paragraph: "2", Sort: Amendment, Text: "Secret so far", Replacement: "Other words.", Draft: true})
		for _, name := range []string{"cas", "officer", "mod", ""} {
			h.must(h.DB.View(ctx, func(tx *db.Tx) error {
				if _, _, err := h.SeeAnnotation(ctx, tx, h.as(name), a.ID); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("%q sees a draft: %v", name, err)
				}
				return nil
			}))
		}
		if _, err := h.Send(ctx, h.as("cas"), a.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("somebody else sends it: %v", err)
		}
		sent, err := h.Send(ctx, h.as("ben"), a.ID)
		if err != nil || sent.State != Sent || h.note(a.ID).Body != "Secret so far" {
			t.Errorf("%+v, %v", sent, err)
		}
		_, err = h.Send(ctx, h.as("ben"), a.ID)
		wants(t, err, "consultation.no_step.published")
	})
}

func TestFacts(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		ctx, officer := t.Context(), h.as("officer")
		plan := h.open()
		c, err := h.Create(ctx, officer, Consultation{Of: plan.Ref(), Org: "works", Title: "Of the plan", Introduction: "A", Lang: "en", Closes: db.Time{Time: h.now.Add(20 * 24 * time.Hour)}})
		h.must(err)
		_, err = h.Write(ctx, officer, c.ID, Text{Source: draft})
		h.must(err)
		before := h.now
		h.must(h.Kinds().Follow(ctx, h.DB, h.as("dora"), plan.Ref()))
		c, err = h.Publish(ctx, officer, c.ID, 2)
		h.must(err)
		h.must(h.DB.View(ctx, func(tx *db.Tx) error {
			people, err := outreach(ctx, tx, activity.Event{Record: c.ID})
			if !slices.Equal(people, []string{"dora"}) {
				t.Errorf("its publication concerns %v", people)
			}
			return err
		}))
		announced := c.Closes
		a := h.write(c, "anna", Note{Paragraph: "2", Org: "ngo"})
		h.write(c, "ben", Note{Paragraph: "2"})
		written := h.now
		_, err = h.Extend(ctx, officer, c.ID, c.Version, c.Closes.Add(24*time.Hour), "More")
		h.must(err)
		h.must(h.Respond(ctx, officer, c.ID, Answer{Decision: Adopted}, []string{a.ID}))
		at := func(when time.Time) []Fact {
			var list []Fact
			h.must(h.DB.View(ctx, func(tx *db.Tx) (err error) { list, err = Facts(ctx, tx, plan.Ref(), db.Time{Time: when}); return err }))
			return list
		}
		h.must(h.DB.View(ctx, func(tx *db.Tx) error {
			edges, err := h.Kinds().Edges(ctx, tx, h.as(""), plan.Ref())
			if len(edges) != 1 || edges[0].To != c.Ref() || edges[0].Rel != "about" {
				t.Errorf("what the text is about is linked with %+v", edges)
			}
			return err
		}))
		if list := at(before); len(list) != 0 {
			t.Errorf("before it was announced: %+v", list)
		}
		f := at(written)[0]
		if f.Closes != announced || f.Written != 2 || f.BySector["civil_society"] != 1 || f.BySector[""] != 1 || f.Answered != 0 || !f.First.IsZero() || f.Versions != 1 {
			t.Errorf("while it was open: %+v", f)
		}
		f = at(h.now)[0]
		if !f.Closes.After(announced.Time) || f.Answered != 1 || f.First.IsZero() || f.First != f.Last {
			t.Errorf("now: %+v", f)
		}
	})
}

// TestErase: the place and the answer stay, the words and the name go.
func TestErase(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		c, ctx := h.open(), t.Context()
		a := h.write(c, "ben", Note{Paragraph: "2", Sort: Amendment, Replacement: "Words of ben."})
		open := h.write(c, "ben", Note{Paragraph: "3"})
		other := h.write(c, "cas", Note{Paragraph: "3"})
		h.must(h.Agree(ctx, h.as("ben"), other.ID, true))
		h.must(h.Respond(ctx, h.as("officer"), c.ID, Answer{Decision: NotAdopted, Because: reason}, []string{a.ID}))
		h.must(h.DB.Update(ctx, func(tx *db.Tx) error {
			mine, err := h.Export(ctx, tx, "ben")
			if text, _ := json.Marshal(mine); err != nil || !strings.Contains(string(text), "Words of ben.") || !strings.Contains(string(text), other.ID) {
				t.Errorf("export %s, %v", text, err)
			}
			for _, p := range []who.Personal{record.Personal, h.Desk} {
				if err := p.Erase(ctx, tx, "ben"); err != nil {
					return err
				}
			}
			return nil
		}))
		got := h.note(a.ID)
		if got.Author != "" || got.Replacement != "" || got.Body != "" || got.Response == "" || got.State != Rejected {
			t.Errorf("%+v", got)
		}
		if k := h.cover(c.ID); k != (Cover{1, 2}) || h.note(other.ID).Agreed != 0 || h.note(open.ID).Body != "" {
			t.Errorf("cover %v", k)
		}
	})
}

func TestSearchText(t *testing.T) {
	both(t, func(t *testing.T, h *hall) {
		hidden, c := h.draft(), h.open()
		h.must(h.DB.View(t.Context(), func(tx *db.Tx) error {
			texts, err := searchText(context.Background(), tx, []string{hidden.ID, c.ID})
			if len(texts) != 1 || texts[0].ID != c.ID || !strings.Contains(texts[0].Body, "every contract") {
				t.Errorf("%+v", texts)
			}
			_, err2 := h.See(t.Context(), tx, h.as("ben"), hidden.ID)
			if fault.KindOf(err2) != fault.Internal || !errors.Is(err2, db.ErrNotFound) {
				t.Errorf("a draft: %v", err2)
			}
			return err
		}))
	})
}
