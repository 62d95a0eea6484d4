package standing_test

import (
	"context"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/standing"
)

func TestOf(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		policy := who.MustPolicy(append([]who.Rule{{Action: "thing.write", Org: []who.Role{who.Editor}}}, who.Rules...)...)
		people, err := who.New(who.Config{DB: d, Policy: policy, Secret: []byte("a secret of the tests, 32 bytes.."), Base: "http://localhost", Mailer: &who.DemoMailer{}})
		if err != nil {
			t.Fatal(err)
		}
		system := who.System(policy, "test")
		p, _, err := people.AddPerson(ctx, system, "editor@example.org", "E", who.Grant{Role: who.Editor, Org: "org1"})
		if err != nil {
			t.Fatal(err)
		}
		of := func(person string) who.Actor {
			t.Helper()
			var a who.Actor
			if err := d.View(ctx, func(tx *db.Tx) (err error) { a, err = standing.Of(ctx, tx, policy, person); return err }); err != nil {
				t.Fatal(err)
			}
			return a
		}
		if a := of(p.ID); a.ID != p.ID || !a.May("thing.write", who.In("org1")) || a.May("thing.write", who.In("org2")) {
			t.Errorf("the editor: %+v", a)
		}
		if err := people.Suspend(ctx, system, p.ID, "a test"); err != nil {
			t.Fatal(err)
		}
		if a := of(p.ID); a.ID != p.ID || a.May("thing.write", who.In("org1")) {
			t.Errorf("suspended: %+v", a)
		}
		if a := of("nobody"); a.MayAnywhere("thing.write") {
			t.Errorf("unknown: %+v", a)
		}
	}, activity.Schema, record.Schema, who.Schema, org.Schema)
}
