package merge_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/merge"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// process draws releases of one process, oldest first, each a day after the
// one before. Their shape is consistent, their values are anything.
func process(t *rapid.T) (out []any) {
	text := rapid.SampledFrom([]any{"a", "b", nil})
	for i := range rapid.IntRange(1, 6).Draw(t, "releases") {
		r := object("ocid", "ocds-x", "id", fmt.Sprint(i), "date", fmt.Sprintf("2020-01-%02dT00:00:00Z", i+1), "tag", []any{"tender"})
		tender := object("id", "t")
		if rapid.Bool().Draw(t, "title") {
			tender.Set("title", text.Draw(t, "title"))
		}
		if rapid.Bool().Draw(t, "methods") {
			tender.Set("submissionMethod", rapid.SampledFrom([]any{[]any{}, []any{"written"}, nil}).Draw(t, "methods"))
		}
		items := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			item := object("description", text.Draw(t, "description"), "unit", object("name", text.Draw(t, "unit")))
			item.Set("id", rapid.SampledFrom([]any{"1", "2", "3"}).Draw(t, "id"))
			items = append(items, item)
		}
		tender.Set("items", items)
		r.Set("tender", tender)
		out = append(out, r)
	}
	return out
}

func object(pairs ...any) *ocds.Object {
	o := &ocds.Object{}
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// TestAnyOrder: releases may come in any order, and one by one.
func TestAnyOrder(t *testing.T) {
	rules := merge.Standard(schema.V11)
	rapid.Check(t, func(t *rapid.T) {
		releases := process(t)
		shuffled := append([]any{}, releases...)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for versioned, run := range map[bool]func(*merge.Rules, []any) (merge.Result, error){false: merge.Compiled, true: merge.Versioned} {
			want, err := run(rules, releases)
			if err != nil {
				t.Fatal(err)
			}
			got, err := run(rules, shuffled)
			if err != nil || !ocds.Equal(want.Release, got.Release) {
				t.Fatalf("in another order: %v\n%s\n%s", err, ocds.Append(nil, want.Release), ocds.Append(nil, got.Release))
			}
			m := merge.New(rules, versioned)
			for _, r := range releases {
				m.Add(r.(*ocds.Object))
				if _, err := m.Result(); err != nil { // looking at it changes nothing
					t.Fatal(err)
				}
			}
			if got, err := m.Result(); err != nil || !ocds.Equal(want.Release, got.Release) {
				t.Fatalf("one by one: %v\n%s\n%s", err, ocds.Append(nil, want.Release), ocds.Append(nil, got.Release))
			}
		}
	})
}

// TestLatestIsCompiled: the last value of each history is the compiled value.
func TestLatestIsCompiled(t *testing.T) {
	rules := merge.Standard(schema.V11)
	rapid.Check(t, func(t *rapid.T) {
		releases := process(t)
		compiled, err := merge.Compiled(rules, releases)
		if err != nil {
			t.Fatal(err)
		}
		versioned, err := merge.Versioned(rules, releases)
		if err != nil {
			t.Fatal(err)
		}
		got := latest(versioned.Release).(*ocds.Object)
		for _, key := range []string{"id", "date", "tag"} { // of the compiled release itself
			v, _ := compiled.Release.Get(key)
			got.Set(key, v)
		}
		if !ocds.Equal(compiled.Release, got) {
			t.Fatalf("compiled %s\nlatest   %s", ocds.Append(nil, compiled.Release), ocds.Append(nil, got))
		}
	})
}

// latest puts the last value in the place of each history.
func latest(v any) any {
	switch v := v.(type) {
	case *ocds.Object:
		out := &ocds.Object{}
		for _, f := range v.Fields {
			if x := latest(f.Value); x != nil {
				out.Set(f.Key, x)
			}
		}
		return out
	case []any:
		if last, ok := v[len(v)-1].(*ocds.Object); ok && len(last.Fields) == 4 && last.Fields[0].Key == "releaseID" {
			return last.Fields[3].Value
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = latest(v[i])
		}
		return out
	}
	return v
}
