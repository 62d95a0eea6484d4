package who

import (
	"net/url"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who/providertest"
)

const back = "http://localhost:8080/sign-in/oidc/test/callback"

func withProvider(t *testing.T, inToken bool, f func(t *testing.T, w *world)) {
	t.Helper()
	issuer := providertest.Start(t, back, inToken)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		f(t, build(t, d, func(c *Config) {
			c.Providers = []Provider{{ID: "test", Name: "Test", Issuer: issuer, Client: providertest.Client, Secret: providertest.Secret}}
		}))
	}, activity.Schema, Schema)
}

// visit goes to the provider and comes back as login.
func (w *world) visit(t testing.TB, a Actor, login string) (Entry, string, error) {
	t.Helper()
	to, state, err := w.StartOIDC(ctx, a, "test", "/plan")
	ok(t, err)
	q := providertest.Visit(t, to, back, login).Query()
	return w.FinishOIDC(ctx, a, "test", q.Get("state"), state, q.Get("code"), Visit{})
}

func TestProvider(t *testing.T) {
	for name, inToken := range map[string]bool{"address in the token": true, "address when asked": false} {
		t.Run(name, func(t *testing.T) {
			withProvider(t, inToken, func(t *testing.T, w *world) {
				nobody := Nobody(w.Policy)
				e, next, err := w.visit(t, nobody, "ana@example.org")
				ok(t, err)
				a := must(w.Session(ctx, e.Token))(t)
				if next != "/plan" || !e.New || a.Level != L1 || a.Strong {
					t.Errorf("%+v %+v %q", e, a, next)
				}
				again, _, err := w.visit(t, nobody, "ana@example.org")
				ok(t, err)
				if again.New || again.Person != e.Person {
					t.Errorf("%+v", again)
				}
				if code := w.enterAs(t, "ana@example.org"); code.Person != e.Person {
					t.Error("the mailbox leads to another account")
				}
				_, _, err = w.visit(t, nobody, "unproved:ana@example.org")
				refused(t, err, "who.provider_unverified")
				_, _, err = w.visit(t, nobody, "nomail")
				refused(t, err, "who.provider_unverified")
			})
		})
	}
}

// Somebody who set up an account for another's address before its owner came
// has nothing of it once the owner comes through a provider.
func TestProviderIsNotHijacked(t *testing.T) {
	withProvider(t, true, func(t *testing.T, w *world) {
		p, _, err := w.AddPerson(ctx, System(w.Policy, "test"), "ana@example.org", "Thief", Grant{})
		ok(t, err)
		planted := openFor(t, w, p.ID)
		ok(t, w.db.Update(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO person_identity (provider, subject, person, email, created_at) VALUES ('test', 'thief', $1, '', 1)`, p.ID); err != nil {
				return err
			}
			phc, err := w.kitchen.Hash(ctx, "three brown herons")
			if err != nil {
				return err
			}
			return setHash(ctx, tx, p.ID, phc)
		}))
		e, _, err := w.visit(t, Nobody(w.Policy), "ana@example.org")
		ok(t, err)
		if e.Person != p.ID {
			t.Fatalf("%+v", e)
		}
		if must(w.Session(ctx, planted))(t).SignedIn() {
			t.Error("the thief's session goes on")
		}
		_, err = w.SignInPassword(ctx, "ana@example.org", "three brown herons", Visit{})
		refused(t, err, "who.password_wrong")
		if list := must(w.Identities(ctx, must(w.Session(ctx, e.Token))(t)))(t); len(list) != 1 || list[0].Subject != "ana@example.org" {
			t.Errorf("%+v", list)
		}
	})
}

func TestProviderLinks(t *testing.T) {
	withProvider(t, true, func(t *testing.T, w *world) {
		a, ben := w.actor(t, "ana@example.org"), w.actor(t, "ben@example.org")
		e, next, err := w.visit(t, a, "unproved:other@example.org")
		if err != nil || e != (Entry{}) || next != "/plan" {
			t.Fatalf("%+v %q %v", e, next, err)
		}
		in, _, err := w.visit(t, Nobody(w.Policy), "unproved:other@example.org")
		ok(t, err)
		if in.Person != a.ID {
			t.Error("the linked account leads elsewhere")
		}
		_, _, err = w.visit(t, ben, "unproved:other@example.org")
		refused(t, err, "who.identity_taken")
		ok(t, w.Unlink(ctx, a, "test", "unproved:other@example.org"))
		_, _, err = w.visit(t, Nobody(w.Policy), "unproved:other@example.org")
		refused(t, err, "who.provider_unverified")
	})
}

func TestProviderRefuses(t *testing.T) {
	withProvider(t, true, func(t *testing.T, w *world) {
		a := w.strong(t, "ana@example.org")
		e, _, err := w.visit(t, Nobody(w.Policy), "ana@example.org")
		if err != nil || e.Token != "" || e.Second == "" {
			t.Errorf("the second factor is not asked for: %+v %v", e, err)
		}
		to, state, err := w.StartOIDC(ctx, Nobody(w.Policy), "test", "")
		ok(t, err)
		q := providertest.Visit(t, to, back, "ana@example.org").Query()
		finish := func(state, kept, code string) error {
			_, _, err := w.FinishOIDC(ctx, Nobody(w.Policy), "test", state, kept, code, Visit{})
			return err
		}
		refused(t, finish(state, "", q.Get("code")), "who.code_over") // another browser
		refused(t, finish("00000000000000000000000000000000", "00000000000000000000000000000000", q.Get("code")), "who.code_over")
		refused(t, finish(state, state, "nonsense"), "who.provider_refused")
		refused(t, finish(state, state, q.Get("code")), "who.code_over") // once only
		if to, err := url.Parse(to); err != nil || to.Query().Get("code_challenge_method") != "S256" || to.Query().Get("nonce") == "" {
			t.Errorf("%s", to)
		}
		ok(t, w.Suspend(ctx, System(w.Policy, "test"), a.ID, "test"))
		_, _, err = w.visit(t, Nobody(w.Policy), "ana@example.org")
		refused(t, err, "who.suspended")
		_, _, err = w.StartOIDC(ctx, Nobody(w.Policy), "none", "")
		if !notFound(err) {
			t.Errorf("an unknown provider: %v", err)
		}
	})
}

func TestProviderAway(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := build(t, d, func(c *Config) {
			c.Providers = []Provider{{ID: "gone", Name: "Gone", Issuer: "http://127.0.0.1:1", Client: "x"}}
		})
		_, _, err := w.StartOIDC(ctx, Nobody(w.Policy), "gone", "")
		refused(t, err, "who.provider_away")
	}, activity.Schema, Schema)
}
