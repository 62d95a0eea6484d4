package record_test

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
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// village is a site with one kind that people discuss and one that they don't.
type village struct {
	*record.Registry
	d                       *db.DB
	ana, ben, mod, official who.Actor
	public                  record.Ref
}

func newVillage(t *testing.T, d *db.DB) village {
	t.Helper()
	describe := func(kind string) func(context.Context, *db.Tx, who.Actor, []string) ([]record.Card, error) {
		return func(_ context.Context, _ *db.Tx, a who.Actor, ids []string) (out []record.Card, err error) {
			for _, id := range ids {
				if id == "nothing" || id == "secret" && !a.Has(who.Moderator, "") {
					continue
				}
				out = append(out, record.Card{Ref: record.Ref{Kind: kind, ID: id}, Title: "T " + id, Org: "o1", Public: id != "secret", Gone: id == "gone"})
			}
			return out, nil
		}
	}
	reg, err := record.NewRegistry(record.Kind{Name: "plan", Comments: true, Describe: describe("plan")}, record.Kind{Name: "file", Describe: describe("file")})
	if err != nil {
		t.Fatal(err)
	}
	p := who.MustPolicy(record.Rules...)
	person := func(id string, level who.Level, g ...who.Grant) who.Actor {
		return who.As(p, who.Actor{ID: id, Name: id, Level: level, Strong: true, Grants: g})
	}
	return village{
		reg, d, person("ana", who.L1), person("ben", who.L1), person("mod", who.L2, who.Grant{Role: who.Moderator}),
		person("off", who.L2, who.Grant{Role: who.Official, Org: "o1"}),
		record.Ref{Kind: "plan", ID: "a"},
	}
}

func (v village) discussion(t *testing.T, a who.Actor) (out []record.Comment) {
	t.Helper()
	if err := v.d.View(t.Context(), func(tx *db.Tx) (err error) { out, err = record.Comments(t.Context(), tx, a, v.public); return err }); err != nil {
		t.Fatal(err)
	}
	return out
}

func (v village) events(t *testing.T, private bool) string {
	t.Helper()
	if err := activity.NewLog(v.d, nil).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	var verbs []string
	v.d.View(t.Context(), func(tx *db.Tx) error {
		es, err := activity.List(t.Context(), tx, activity.Filter{Private: private}, 50)
		for _, e := range es {
			verbs = append([]string{strings.TrimPrefix(e.Verb, "record.")}, verbs...)
		}
		return err
	})
	return strings.Join(verbs, " ")
}

func kindOf(err error) fault.Kind {
	if errors.Is(err, db.ErrNotFound) {
		return fault.NotFound
	}
	return fault.KindOf(err)
}

func (v *village) moderate(t *testing.T, d *db.DB, a who.Actor, comment string, to record.CommentState, why string) (c record.Comment, err error) {
	err = d.Update(t.Context(), func(tx *db.Tx) error { c, err = v.Moderate(t.Context(), tx, a, comment, to, why); return err })
	return c, err
}

func TestDiscussion(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, v := t.Context(), newVillage(t, d)
		first, err := v.Say(ctx, d, v.ana, v.public, "", "  The second culvert is open.\n")
		if err != nil || first.Body != "The second culvert is open." {
			t.Fatal(first, err)
		}
		if _, err := v.Say(ctx, d, v.ben, v.public, first.ID, "Since Monday"); err != nil {
			t.Fatal(err)
		}
		spam, err := v.Say(ctx, d, v.ben, v.public, "", "http://a http://b HTTPS://c")
		if err != nil || spam.State != record.Held {
			t.Fatal(spam, err)
		}
		if a, b, m := v.discussion(t, v.ana), v.discussion(t, v.ben), v.discussion(t, v.mod); len(a) != 2 || len(b) != 3 || len(m) != 3 {
			t.Errorf("ana sees %d, ben %d, the moderator %d", len(a), len(b), len(m))
		}
		if _, err := v.moderate(t, d, v.mod, spam.ID, record.Visible, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := v.moderate(t, d, v.mod, first.ID, record.Hidden, ""); kindOf(err) != fault.Invalid {
			t.Errorf("hidden without a reason: %v", err)
		}
		if _, err := v.moderate(t, d, v.mod, first.ID, record.Hidden, "it named a private person"); err != nil {
			t.Fatal(err)
		}
		got := v.discussion(t, v.ben)
		if len(got) != 3 || got[0].Body != "" || got[0].Author != "" || got[0].Reason != "it named a private person" || got[1].Parent != first.ID {
			t.Errorf("%+v", got)
		}
		if c, err := v.EditComment(ctx, d, v.ben, spam.ID, "sorry"); err != nil || c.Edited.IsZero() {
			t.Error(c, err)
		}
		if s := v.events(t, false); s != "commented commented comment_shown comment_hidden" {
			t.Errorf("the public log says %q", s)
		}
	}, activity.Schema, record.Schema)
}

func TestWhoMayNotSpeak(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, v := t.Context(), newVillage(t, d)
		c, err := v.Say(ctx, d, v.ana, v.public, "", "hello")
		if err != nil {
			t.Fatal(err)
		}
		weak := v.ana
		weak.Level = who.L0
		ref := func(kind, id string) record.Ref { return record.Ref{Kind: kind, ID: id} }
		say := func(a who.Actor, of record.Ref, parent, text string) error {
			_, err := v.Say(ctx, d, a, of, parent, text)
			return err
		}
		moderate := func(a who.Actor) error {
			_, err := v.moderate(t, d, a, c.ID, record.Hidden, "x")
			return err
		}
		edit := func(a who.Actor) error { _, err := v.EditComment(ctx, d, a, c.ID, "mine"); return err }
		attach := func(a who.Actor, alt string) error {
			_, err := v.Attach(ctx, d, a, record.Attachment{Of: v.public, SHA: "s", Name: "n.png", Type: "image/png", Alt: alt})
			return err
		}
		nobody := who.Nobody(who.MustPolicy(record.Rules...))
		for name, x := range map[string]struct {
			err  error
			want fault.Kind
		}{
			"nobody speaks":         {say(nobody, v.public, "", "x"), fault.SignIn},
			"a weak account":        {say(weak, v.public, "", "x"), fault.Denied},
			"nothing said":          {say(v.ana, v.public, "", " \n"), fault.Invalid},
			"too much":              {say(v.ana, v.public, "", strings.Repeat("x", 4001)), fault.Invalid},
			"no such record":        {say(v.ana, ref("plan", "nothing"), "", "x"), fault.NotFound},
			"not for their eyes":    {say(v.ana, ref("plan", "secret"), "", "x"), fault.NotFound},
			"withdrawn":             {say(v.ana, ref("plan", "gone"), "", "x"), fault.Gone},
			"no discussion of that": {say(v.ana, ref("file", "a"), "", "x"), fault.Conflict},
			"answer elsewhere":      {say(v.ana, ref("plan", "b"), c.ID, "x"), fault.NotFound},
			"not a moderator":       {moderate(v.ana), fault.Denied},
			"another's words":       {edit(v.ben), fault.Denied},
			"files of an outsider":  {attach(v.ana, "x"), fault.Denied},
			"a picture unexplained": {attach(v.official, ""), fault.Invalid},
			"nobody follows":        {v.Follow(ctx, d, nobody, v.public), fault.SignIn},
			"follow the unseen":     {v.Follow(ctx, d, v.ana, ref("plan", "secret")), fault.NotFound},
			"translate as outsider": {v.Translate(ctx, d, v.ana, record.Draft{Of: v.public, Lang: "es", Texts: map[string]string{"title": "x"}, Origin: record.Human}), fault.Denied},
		} {
			if got := kindOf(x.err); x.err == nil || got != x.want {
				t.Errorf("%s: %v", name, x.err)
			}
		}
	}, activity.Schema, record.Schema)
}

func TestNobodyFloodsADiscussion(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, v := t.Context(), newVillage(t, d)
		now := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
		d.SetClock(func() time.Time { return now })
		var err error
		n := 0
		for ; err == nil && n < 50; n++ {
			_, err = v.Say(ctx, d, v.ana, v.public, "", "again")
		}
		if n != 5 || kindOf(err) != fault.TooMany {
			t.Errorf("%d contributions, then %v", n, err)
		}
		if _, err := v.Say(ctx, d, v.ben, v.public, "", "my turn"); err != nil {
			t.Errorf("another: %v", err)
		}
		now = now.Add(2 * time.Minute)
		if _, err := v.Say(ctx, d, v.ana, v.public, "", "later"); err != nil {
			t.Errorf("after a while: %v", err)
		}
	}, activity.Schema, record.Schema)
}

func TestFollowers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, v := t.Context(), newVillage(t, d)
		for _, a := range []who.Actor{v.ben, v.ana, v.ana, v.mod} {
			if err := v.Follow(ctx, d, a, v.public); err != nil {
				t.Fatal(err)
			}
		}
		if err := v.Unfollow(ctx, d, v.mod, v.public); err != nil {
			t.Fatal(err)
		}
		d.View(ctx, func(tx *db.Tx) error {
			first, err := record.Followers(ctx, tx, v.public, "", 1)
			if err != nil || len(first) != 1 || first[0] != "ana" {
				t.Error(first, err)
			}
			rest, _ := record.Followers(ctx, tx, v.public, first[0], 10)
			if len(rest) != 1 || rest[0] != "ben" {
				t.Error(rest)
			}
			a, err := record.AudienceOf(ctx, tx, v.ana, v.public)
			if err != nil || a.Count != 2 || !a.Mine {
				t.Error(a, err)
			}
			if a, _ := record.AudienceOf(ctx, tx, v.mod, v.public); a.Mine {
				t.Error("the moderator still follows")
			}
			if a, err := record.AudienceOf(ctx, tx, who.Actor{}, record.Ref{Kind: "plan", ID: "x"}); err != nil || a.Count != 0 || a.Mine {
				t.Error(a, err)
			}
			return nil
		})
		if s := v.events(t, false); s != "" {
			t.Errorf("whom people follow is public: %q", s)
		}
	}, activity.Schema, record.Schema)
}

func TestAttachments(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, v := t.Context(), newVillage(t, d)
		a, err := v.Attach(ctx, d, v.official, record.Attachment{Of: v.public, SHA: "abc", Name: "road.png", Type: "image/png", Bytes: 3, Alt: "The road"})
		if err != nil {
			t.Fatal(err)
		}
		d.View(ctx, func(tx *db.Tx) error {
			if list, err := record.Attachments(ctx, tx, v.public); err != nil || len(list) != 1 || list[0] != a {
				t.Error(list, err)
			}
			if _, err := v.Attachment(ctx, tx, v.ana, a.ID); err != nil {
				t.Error(err)
			}
			return nil
		})
		if _, err := v.Detach(ctx, d, v.ana, a.ID); kindOf(err) != fault.Denied {
			t.Error(err)
		}
		if _, err := v.Detach(ctx, d, v.official, a.ID); err != nil {
			t.Error(err)
		}
		if s := v.events(t, false); s != "attached detached" {
			t.Errorf("the log says %q", s)
		}
	}, activity.Schema, record.Schema)
}

func TestReportsAndErasure(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, v := t.Context(), newVillage(t, d)
		in := record.Report{Page: "/dataset/x", Message: "The sum is wrong", Email: "a@example.org"}
		if _, err := record.ReportPage(ctx, d, v.ana, in); err != nil {
			t.Fatal(err)
		}
		if _, err := record.ReportPage(ctx, d, who.Actor{}, record.Report{Message: " ", Email: "no"}); kindOf(err) != fault.Invalid {
			t.Errorf("an empty report: %v", err)
		}
		v.Say(ctx, d, v.ana, v.public, "", "mine")
		v.Follow(ctx, d, v.ana, v.public)
		update(t, d, func(tx *db.Tx) error {
			if out, err := record.Personal.Export(ctx, tx, "ana"); err != nil || len(out.(map[string]any)) != 4 {
				t.Error(out, err)
			}
			if out, err := record.Personal.Export(ctx, tx, "ben"); err != nil || out != nil {
				t.Error(out, err)
			}
			if err := record.Personal.Erase(ctx, tx, "ana"); err != nil {
				return err
			}
			if out, err := record.Personal.Export(ctx, tx, "ana"); err != nil || out != nil {
				t.Error("still there:", out, err)
			}
			if _, err := record.Reports(ctx, tx, v.ana); kindOf(err) != fault.Denied {
				t.Error(err)
			}
			rs, err := record.Reports(ctx, tx, v.mod)
			if err != nil || len(rs) != 1 || rs[0].Email != "" || rs[0].Message != in.Message {
				t.Error(rs, err)
			}
			in.ID = rs[0].ID
			return nil
		})
		if got := v.discussion(t, v.ben); len(got) != 1 || got[0].State != record.Hidden || got[0].Author != "" {
			t.Errorf("%+v", got)
		}
		if err := record.SettleReport(ctx, d, v.mod, in.ID); err != nil {
			t.Error(err)
		}
		if err := record.SettleReport(ctx, d, v.mod, in.ID); !errors.Is(err, db.ErrNotFound) {
			t.Error(err)
		}
	}, activity.Schema, record.Schema)
}
