package app_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
	reader "ceiba/internal/service/who/standing"
)

// settle lets everybody hear of what happened.
func (o *office) settle() {
	o.t.Helper()
	for range 3 {
		o.check(o.app.Activity.Drain(o.t.Context()))
		o.check(o.app.Jobs.Drain(o.t.Context()))
	}
}

// TestNewsOfAModule follows an event from the catalogue, by the rule that the
// catalogue declares, to the inbox of who began the dataset: a draft, so only
// because they work for its organisation.
func TestNewsOfAModule(t *testing.T) {
	o := openOffice(t)
	o.settle()
	p, _, err := o.app.Who.AddPerson(t.Context(), o.app.System(), "bo@example.org", "Bo", who.Grant{Role: who.Editor, Org: o.works})
	o.check(err)
	bo := func() (a who.Actor) {
		o.check(o.app.DB.View(t.Context(), func(tx *db.Tx) (err error) {
			a, err = reader.Of(t.Context(), tx, o.app.Policy, p.ID)
			return err
		}))
		return a
	}
	d, err := catalog.Create(t.Context(), o.app.DB, bo(), catalog.Dataset{Org: o.works, Title: "Bridges"})
	o.check(err)
	d.Summary = "All bridges"
	_, err = catalog.Edit(t.Context(), o.app.DB, o.app.System(), d)
	o.check(err)
	o.settle()
	items, _, err := o.app.Notify.Inbox(t.Context(), bo(), "", 10)
	o.check(err)
	if len(items) != 1 || items[0].Subject != "own_data" || items[0].Sentence(o.app.Words.For("es")) != "Cambió la descripción de «Bridges»" {
		t.Fatalf("%+v", items)
	}
	o.check(o.app.Who.TakeRole(t.Context(), o.app.System(), p.ID, who.Grant{Role: who.Editor, Org: o.works}))
	if items, _, err = o.app.Notify.Inbox(t.Context(), bo(), "", 10); err != nil || len(items) != 0 {
		t.Errorf("who left the organisation still reads of its drafts: %v %+v", err, items)
	}
}

// TestSubjectsHaveWords asks for the name of everything that people choose a
// frequency for, and that each rule names a subject there is: notify.New, which
// openOffice runs, refuses others.
func TestSubjectsHaveWords(t *testing.T) {
	o := openOffice(t)
	for _, lang := range []string{"en", "es"} {
		for _, x := range o.app.Notify.AllSubjects() {
			if !o.app.Words.For(lang).Has(x.Words()) {
				t.Errorf("%s lacks %s", lang, x.Words())
			}
		}
		for _, f := range notify.Frequencies {
			if !o.app.Words.For(lang).Has(f.Words()) {
				t.Errorf("%s lacks %s", lang, f.Words())
			}
		}
	}
}

// TestWithoutMailServer signs in at a site that cannot send the code: the
// reader hears so, whether or not they have an account.
func TestWithoutMailServer(t *testing.T) {
	o := openOffice(t)
	if o.app.CanMail() {
		t.Fatal("a site without a mail server says that it can mail")
	}
	o.key = ""
	for _, email := range []string{"ana@example.org", "stranger@example.org"} {
		res := o.send("POST", "/sign-in", strings.NewReader(url.Values{"email": {email}}.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Authorization", "")
		if res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: %s", email, res.Status)
		}
	}
}

// TestKeysOfPush shows that the keys to which browsers are bound lie outside the
// database, and are the same at the next start.
func TestKeysOfPush(t *testing.T) {
	o := openOffice(t)
	info, err := os.Stat(filepath.Join(o.app.Store.Data, "vapid.json"))
	o.check(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the keys: %v", info.Mode())
	}
	again, err := notify.LoadVapid(filepath.Join(o.app.Store.Data, "vapid.json"), "mailto:x@example.org")
	o.check(err)
	if again.Public != o.app.Notify.Vapid.Public {
		t.Error("the keys changed")
	}
}
