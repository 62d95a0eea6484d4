package org_test

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
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var (
	ctx    = context.Background()
	policy = who.MustPolicy(append(who.Rules, org.Rules...)...)
	sys    = who.System(policy, "test")
)

func official(in string) who.Actor {
	return who.As(policy, who.Actor{ID: "p1", Strong: true, Level: who.L1, Grants: []who.Grant{{Role: who.Official, Org: in}}})
}

// at runs f on both engines, with the clock on a day.
func at(t *testing.T, day string, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { turn(t, d, day); f(t, d) }, activity.Schema, record.Schema, org.Schema)
}

func turn(t *testing.T, d *db.DB, day string) {
	t.Helper()
	noon, err := time.ParseInLocation("2006-01-02 15", day+" 12", i18n.Belize)
	if err != nil {
		t.Fatal(err)
	}
	d.SetClock(func() time.Time { return noon })
}

func create(t *testing.T, d *db.DB, c org.Change) org.Org {
	t.Helper()
	if c.Kind == "" {
		c.Kind = org.National
	}
	o, err := org.Create(ctx, d, sys, c)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func view[T any](t *testing.T, d *db.DB, f func(tx *db.Tx) (T, error)) (v T) {
	t.Helper()
	if err := d.View(ctx, func(tx *db.Tx) (err error) { v, err = f(tx); return err }); err != nil {
		t.Fatal(err)
	}
	return v
}

func refused(t *testing.T, err error, key string) {
	t.Helper()
	var e *fault.Error
	var f fault.Fields
	if errors.As(err, &e) && e.Key == key || errors.As(err, &f) && f[0].Key == key {
		return
	}
	t.Errorf("got %v, want %s", err, key)
}

// A promise of 2024 still finds the ministry that made it, and who answers now.
func TestNoPromiseLosesItsOwner(t *testing.T) {
	at(t, "2024-01-10", func(t *testing.T, d *db.DB) {
		works := create(t, d, org.Change{Name: "Ministry of Works", Names: map[string]string{"es": "Ministerio de Obras"}})
		housing := create(t, d, org.Change{Name: "Ministry of Housing"})
		turn(t, d, "2025-06-01")
		renamed, err := org.Edit(ctx, d, sys, works.ID, org.Change{Kind: org.National, Name: "Ministry of Infrastructure", Since: "2025-04-01", Version: 1})
		if err != nil || renamed.Version != 2 || renamed.Slug != "ministry-of-infrastructure" {
			t.Fatalf("%+v %v", renamed, err)
		}
		turn(t, d, "2025-06-02")
		both := create(t, d, org.Change{Name: "Ministry of Infrastructure and Housing"})
		if err := org.Succeed(ctx, d, sys, org.Succession{From: []string{works.ID, housing.ID}, To: []string{both.ID}, Reason: org.Merged, On: "2025-06-01", Note: "Gazette 12"}); err != nil {
			t.Fatal(err)
		}
		for date, want := range map[string]string{
			"2023-01-01": "Ministry of Works", "2024-05-05": "Ministry of Works", "2025-03-31": "Ministry of Works",
			"2025-04-01": "Ministry of Infrastructure", "2026-01-01": "Ministry of Infrastructure",
		} {
			got := view(t, d, func(tx *db.Tx) (org.Org, error) { return org.At(ctx, tx, works.ID, date) })
			if got.Name != want {
				t.Errorf("on %s: %s, want %s", date, got.Name, want)
			}
		}
		heirs := view(t, d, func(tx *db.Tx) ([]org.Org, error) { return org.Heirs(ctx, tx, works.ID) })
		if len(heirs) != 1 || heirs[0].ID != both.ID {
			t.Errorf("heirs: %+v", heirs)
		}
		found := view(t, d, func(tx *db.Tx) (org.Org, error) {
			o, canonical, err := org.Find(ctx, tx, "ministry-of-works")
			if canonical != "ministry-of-infrastructure" {
				t.Errorf("the old address leads to %q", canonical)
			}
			return o, err
		})
		if found.ID != works.ID || !found.Ended("2025-06-01") || found.Ended("2025-05-31") {
			t.Errorf("%+v", found)
		}
		history := view(t, d, func(tx *db.Tx) ([]org.Version, error) { return org.History(ctx, tx, works.ID) })
		if len(history) != 3 || history[0].Note != "Gazette 12" || history[2].Org.Names["es"] != "Ministerio de Obras" {
			t.Errorf("%+v", history)
		}
		steps := view(t, d, func(tx *db.Tx) ([]org.Step, error) { return org.Steps(ctx, tx, both.ID) })
		if len(steps) != 2 || steps[0].Reason != org.Merged {
			t.Errorf("%+v", steps)
		}
		log := activity.NewLog(d, nil)
		if err := log.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		told := view(t, d, func(tx *db.Tx) ([]activity.Event, error) {
			return activity.List(ctx, tx, activity.Filter{Kind: org.RecordKind, Record: works.ID}, 10)
		})
		if len(told) != 3 || told[0].Verb != "org.merged" {
			t.Errorf("%+v", told)
		}
	})
}

func TestSuccessionRefuses(t *testing.T) {
	at(t, "2026-01-10", func(t *testing.T, d *db.DB) {
		a, b, c := create(t, d, org.Change{Name: "A", ValidFrom: "2020-01-01"}), create(t, d, org.Change{Name: "B"}), create(t, d, org.Change{Name: "C"})
		do := func(reason org.Reason, on string, from, to []string) error {
			return org.Succeed(ctx, d, sys, org.Succession{From: from, To: to, Reason: reason, On: on})
		}
		refused(t, do("lost", "2026-01-01", []string{a.ID}, nil), "fault.choice")
		refused(t, do(org.Split, "2026-01-01", []string{a.ID}, []string{b.ID}), "org.succession_number")
		refused(t, do(org.Dissolved, "2026-01-01", []string{a.ID}, []string{b.ID}), "org.succession_number")
		refused(t, do(org.Renamed, "2026-01-01", []string{a.ID}, []string{a.ID}), "org.succession_circle")
		refused(t, do(org.Renamed, "soon", []string{a.ID}, []string{b.ID}), "fault.date")
		refused(t, do(org.Renamed, "2019-01-01", []string{a.ID}, []string{b.ID}), "org.ends_before_start")
		if err := do(org.Split, "2026-01-01", []string{a.ID}, []string{b.ID, c.ID}); err != nil {
			t.Fatal(err)
		}
		refused(t, do(org.Renamed, "2026-01-02", []string{b.ID}, []string{a.ID}), "org.succession_circle")
		refused(t, do(org.Renamed, "2026-01-02", []string{a.ID}, []string{c.ID}), "org.ended_already")
		if err := do(org.Dissolved, "2026-01-05", []string{c.ID}, nil); err != nil {
			t.Fatal(err)
		}
		if heirs := view(t, d, func(tx *db.Tx) ([]org.Org, error) { return org.Heirs(ctx, tx, a.ID) }); len(heirs) != 1 || heirs[0].ID != b.ID {
			t.Errorf("%+v", heirs)
		}
		err := org.Succeed(ctx, d, official(b.ID), org.Succession{From: []string{b.ID}, Reason: org.Dissolved, On: "2026-01-05"})
		refused(t, err, "who.denied")
	})
}

func TestEdit(t *testing.T) {
	at(t, "2026-01-10", func(t *testing.T, d *db.DB) {
		top, o := create(t, d, org.Change{Name: "Top"}), create(t, d, org.Change{Name: "Council", Kind: org.Subnational, District: "BZ-TOL"})
		in := org.Change{Kind: org.Media, Name: "Village Council", Parent: top.ID, District: "BZ-TOL", URL: "https://example.org", Version: 1}
		_, err := org.Edit(ctx, d, official("another"), o.ID, in)
		refused(t, err, "who.denied")
		got, err := org.Edit(ctx, d, official(o.ID), o.ID, in)
		if err != nil || got.Kind != org.Subnational || got.Parent != "" || got.Name != "Village Council" {
			t.Errorf("an official changed what is not for them to say: %+v %v", got, err)
		}
		if _, err := org.Edit(ctx, d, sys, o.ID, in); err != db.ErrConflict {
			t.Errorf("an old version: %v", err)
		}
		in.Version = 2
		if got, err = org.Edit(ctx, d, sys, o.ID, in); err != nil || got.Parent != top.ID {
			t.Errorf("%+v %v", got, err)
		}
		_, err = org.Edit(ctx, d, sys, top.ID, org.Change{Kind: org.National, Name: "Top", Parent: o.ID, Version: 1})
		refused(t, err, "org.parent_circle")
		for want, bad := range map[string]org.Change{
			"fault.required": {Kind: org.Media}, "fault.choice": {Kind: "club", Name: "x"}, "fault.too_long": {Kind: org.Media, Name: strings.Repeat("x", 201)},
			"fault.url": {Kind: org.Media, Name: "x", URL: "javascript:alert(1)"}, "fault.date": {Kind: org.Media, Name: "x", Since: "tomorrow"},
		} {
			_, err := org.Create(ctx, d, sys, bad)
			refused(t, err, want)
		}
		_, err = org.Create(ctx, d, sys, org.Change{Kind: org.Media, Name: "x", District: "BZ-XX"})
		refused(t, err, "fault.choice")
		_, err = org.Create(ctx, d, sys, org.Change{Kind: org.Media, Name: "x", Parent: "none"})
		refused(t, err, "fault.choice")
	})
}

func TestListAndNames(t *testing.T) {
	at(t, "2026-01-10", func(t *testing.T, d *db.DB) {
		var ids []string
		for _, name := range []string{"Zebra", "Garífuna Council", "ants", "Áncora"} {
			ids = append(ids, create(t, d, org.Change{Name: name, Kind: org.CivilSociety, Names: map[string]string{"es": name + " (es)", "cab": ""}}).ID)
		}
		if err := org.Succeed(ctx, d, sys, org.Succession{From: ids[:1], Reason: org.Dissolved, On: "2026-01-01"}); err != nil {
			t.Fatal(err)
		}
		list := func(f org.Filter) (names string) {
			for {
				var next string
				page := view(t, d, func(tx *db.Tx) (l []org.Org, err error) { l, next, err = org.List(ctx, tx, f); return l, err })
				for _, o := range page {
					names += o.Name + ","
				}
				if f.Cursor = next; next == "" {
					return names
				}
			}
		}
		for want, f := range map[string]org.Filter{
			"Áncora,ants,Garífuna Council,": {Limit: 1}, "Áncora,ants,Garífuna Council,Zebra,": {Ended: true, Limit: 3},
			"Garífuna Council,": {Search: "garifuna"}, "": {Kind: org.Media},
		} {
			if got := list(f); got != want {
				t.Errorf("%+v: %q, want %q", f, got, want)
			}
		}
		names := view(t, d, func(tx *db.Tx) (map[string]string, error) { return org.Names(ctx, tx, "es", append(ids, "none")) })
		if len(names) != 4 || names[ids[2]] != "ants (es)" {
			t.Errorf("%v", names)
		}
		cards := view(t, d, func(tx *db.Tx) ([]record.Card, error) { return org.Record.Describe(ctx, tx, who.Actor{}, ids) })
		texts := view(t, d, func(tx *db.Tx) ([]record.Text, error) { return org.Record.Text(ctx, tx, ids) })
		if len(cards) != 4 || len(texts) != 8 {
			t.Errorf("%d cards, %d texts", len(cards), len(texts))
		}
	})
}

func TestEnsureByName(t *testing.T) {
	at(t, "2026-01-10", func(t *testing.T, d *db.DB) {
		first, made, err := org.EnsureByName(ctx, d, sys, "Ministerio de Educación", org.National)
		if err != nil || !made {
			t.Fatal(made, err)
		}
		for _, name := range []string{"ministerio de  educacion", "ministerio-de-educacion", first.ID} {
			again, made, err := org.EnsureByName(ctx, d, sys, name, org.National)
			if err != nil || made || again.ID != first.ID {
				t.Errorf("%q: %+v %t %v", name, again, made, err)
			}
		}
		_, _, err = org.EnsureByName(ctx, d, official(first.ID), "New one", org.National)
		refused(t, err, "who.denied")
	})
}

func TestWordsAreComplete(t *testing.T) {
	c := i18n.NewCatalog()
	if err := c.Add("org", org.Words); err != nil {
		t.Fatal(err)
	}
	if en, es := c.Keys("en"), c.Keys("es"); strings.Join(en, " ") != strings.Join(es, " ") {
		t.Errorf("English has %d sentences and Spanish %d", len(en), len(es))
	}
	for _, k := range org.Kinds {
		if !c.For("es").Has(k.Word()) {
			t.Errorf("no word for %s", k)
		}
	}
	for _, r := range org.Reasons {
		if !c.For("es").Has(r.Word()) {
			t.Errorf("no word for %s", r)
		}
	}
}
