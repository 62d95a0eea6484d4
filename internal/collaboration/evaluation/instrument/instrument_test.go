package instrument_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/evaluation/instrument"
	"ceiba/internal/ground/fault"
)

func shipped(t *testing.T) map[string]*instrument.Instrument {
	t.Helper()
	all, err := instrument.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*instrument.Instrument{}
	for _, in := range all {
		out[in.ID] = in
	}
	return out
}

func TestShipped(t *testing.T) {
	for id, want := range map[string]struct{ leaves, computed int }{
		"maps":                  {55, 1},
		"pefa-pi24":             {4, 1},
		"budget-documents":      {24, 8},
		"public-work-checklist": {12, 2},
	} {
		in := shipped(t)[id]
		if in == nil {
			t.Fatalf("no instrument %s", id)
		}
		computed := slices.DeleteFunc(in.Leaves(), func(n *instrument.Node) bool { return n.Compute == nil })
		if len(in.Leaves()) != want.leaves || len(computed) != want.computed || len(in.Digest) != 64 {
			t.Errorf("%s: %d leaves, %d computed, digest %q", id, len(in.Leaves()), len(computed), in.Digest)
		}
		for _, n := range computed {
			if !n.Compute.Blind {
				t.Errorf("%s %s: scorers see what was computed before they score", id, n.ID)
			}
		}
	}
	if len(shipped(t)) != 4 {
		t.Errorf("%d instruments", len(shipped(t)))
	}
}

// TestMAPS: fourteen indicators in four pillars, with as many parts as the
// methodology has.
func TestMAPS(t *testing.T) {
	var parts []int
	for n := range shipped(t)["maps"].All() {
		if n.Kind == instrument.Indicator {
			parts = append(parts, len(n.Parts))
		}
	}
	if want := []int{12, 4, 2, 2, 4, 2, 3, 3, 3, 3, 3, 4, 3, 7}; !slices.Equal(parts, want) {
		t.Errorf("%v, want %v", parts, want)
	}
}

// TestBudgetDocuments: the rule of timeliness is asked of each document once.
func TestBudgetDocuments(t *testing.T) {
	var documents []string
	for _, n := range shipped(t)["budget-documents"].Leaves() {
		if n.Compute != nil {
			documents = append(documents, n.Compute.Params["document"])
		}
	}
	want := []string{
		"pre_budget_statement", "executive_budget_proposal", "enacted_budget", "citizens_budget",
		"in_year_reports", "mid_year_review", "year_end_report", "audit_report",
	}
	if !slices.Equal(documents, want) {
		t.Errorf("%v", documents)
	}
}

// whole is a small instrument in which nothing is wrong.
const whole = `
id: small
version: "1"
licence: ours
title: {en: Small, es: Pequeño}
source: {en: ours, es: propia}
scales:
  - id: s
    level: ordinal
    codes:
      - {code: A, order: 1, value: 1, label: {en: a, es: a}}
      - {code: D, order: 0, value: 0, label: {en: d, es: d}}
      - {code: "D*", order: 0, value: 0, counts_as: D, label: {en: d, es: d}}
    na_codes:
      - {code: NA, meaning: not_applicable, label: {en: n, es: n}}
rules:
  - {id: r, text: {en: r, es: r}, needs: [x], outcomes: {good: A}}
nodes:
  - id: top
    kind: pillar
    text: {en: t, es: t}
    aggregation: mean_non_na
    bands: {scale: s, steps: [{code: A, from: 0.5}, {code: D}]}
    parts:
      - {id: one, kind: question, text: {en: q, es: q}, scale: s, na_allowed: true, weight: 2}
      - {id: two, kind: question, text: {en: q, es: q}, scale: s, compute: {rule: r}}
`

func TestWhole(t *testing.T) {
	in, err := instrument.Read([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if n := in.Node("one"); n == nil || n.Weight != 2 || in.Node("two").Weight != 1 || in.Node("three") != nil {
		t.Errorf("%+v", in.Nodes)
	}
	for n, parent := range in.All() {
		if n.ID == "two" && parent.ID != "top" {
			t.Errorf("the parent of two is %v", parent)
		}
	}
}

// TestFaults: each change breaks one thing, which is found under its path.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ from, to, path, key string }{
		{"id: small", "id: ''", "id", "empty"},
		{"es: Pequeño", "es: ''", "title.es", "empty"},
		{"level: ordinal", "level: fine", "scales[0].level", "unknown"},
		{"D, order: 0", "D, order: 1", "scales[0].codes[1].order", "order"},
		{"value: 0, counts_as: D", "value: 1, counts_as: D", "scales[0].codes[2].counts_as", "counts_as"},
		{"counts_as: D", "counts_as: E", "scales[0].codes[2].counts_as", "unknown"},
		{"meaning: not_applicable", "meaning: none", "scales[0].na_codes[0].meaning", "unknown"},
		{"code: NA", "code: A", "scales[0].codes[3]", "twice"},
		{"meaning: not_applicable", "meaning: not_used", "nodes[0].parts[0].na_allowed", "no_na_code"},
		{"value: 1, label", "value: .inf, label", "scales[0].codes[0].value", "number"},
		{"needs: [x]", "needs: []", "rules[0].needs", "empty"},
		{"{good: A}", "{good: B}", "nodes[0].parts[1].compute.rule.good", "unknown"},
		{", outcomes: {good: A}", "", "nodes[0].parts[1].compute", "compute_code"},
		{"compute: {rule: r}", "compute: {rule: q}", "nodes[0].parts[1].compute.rule", "unknown"},
		{"id: two", "id: one", "nodes[0].parts[1].id", "twice"},
		{"kind: pillar", "kind: question", "nodes[0].parts[0].kind", "kind"},
		{"kind: pillar", "kind: column", "nodes[0].kind", "unknown"},
		{"weight: 2", "weight: 0", "nodes[0].parts[0].weight", "weight"},
		{"weight: 2", "weight: -1", "nodes[0].parts[0].weight", "weight"},
		{"aggregation: mean_non_na", "aggregation: m1", "nodes[0].parts[0].weight", "weight_unused"},
		{"aggregation: mean_non_na", "aggregation: m1", "nodes[0].bands", "bands_unused"},
		{"aggregation: mean_non_na", "aggregation: mean", "nodes[0].aggregation", "unknown"},
		{"aggregation: mean_non_na", "aggregation: min\n    over_leaves: true", "nodes[0].over_leaves", "over_leaves"},
		{"aggregation: mean_non_na", "aggregation: mean_non_na\n    scale: s", "nodes[0].scale", "scale_of_parent"},
		{"aggregation: mean_non_na", "aggregation: mean_non_na\n    compute: {rule: r}", "nodes[0].compute", "compute_leaf"},
		{"scale: s, na_allowed: true", "scale: t", "nodes[0].parts[0].scale", "unknown"},
		{"scale: s, na_allowed: true", "scale: s, aggregation: sum", "nodes[0].parts[0].aggregation", "leaf_aggregation"},
		{"value: 1, label", "label", "nodes[0].parts[0].scale", "no_values"},
		{"bands: {scale: s", "bands: {scale: t", "nodes[0].bands.scale", "unknown"},
		{"{code: A, from: 0.5}", "{code: Z, from: 0.5}", "nodes[0].bands.steps[0].code", "unknown"},
		{", {code: D}]", "]", "nodes[0].bands.steps[0]", "open_band"},
		{"{code: A, from: 0.5}", "{code: A}", "nodes[0].bands.steps[0]", "open_band"},
		{"steps: [{code: A, from: 0.5}, {code: D}]", "steps: []", "nodes[0].bands.steps", "empty"},
		{"    bands: {scale: s, steps: [{code: A, from: 0.5}, {code: D}]}\n", "", "", ""},
	} {
		_, err := instrument.Read([]byte(strings.Replace(whole, c.from, c.to, 1)))
		if c.path == "" {
			if err != nil {
				t.Errorf("%q: %v", c.to, err)
			}
			continue
		}
		var found fault.Fields
		if !errors.As(err, &found) {
			t.Errorf("%q: %v", c.to, err)
			continue
		}
		same := func(f fault.Field) bool { return f.Name == c.path && f.Key == "evaluation.instrument."+c.key }
		if !slices.ContainsFunc(found, same) {
			t.Errorf("%q: no %s at %s in %v", c.to, c.key, c.path, found)
		}
	}
}

// TestGraded: PEFA's ways of aggregation want letters of one scale.
func TestGraded(t *testing.T) {
	graded := func(how string) string {
		text := strings.Replace(whole, "aggregation: mean_non_na", "aggregation: "+how, 1)
		text = strings.Replace(text, "    bands: {scale: s, steps: [{code: A, from: 0.5}, {code: D}]}\n", "", 1)
		return strings.Replace(text, ", weight: 2", "", 1)
	}
	part := "      - {id: %, kind: question, text: {en: q, es: q}, scale: s}\n"
	for _, c := range []struct{ text, path, key string }{
		{graded("m2table"), "", ""},
		{graded("m1"), "", ""},
		{graded("m2table") + strings.ReplaceAll(part, "%", "c") + strings.ReplaceAll(part, "%", "d") + strings.ReplaceAll(part, "%", "e"), "nodes[0].parts", "m2_parts"},
		{strings.ReplaceAll(graded("m2table"), "A", "X"), "nodes[0].aggregation", "m2_letters"},
		{strings.Replace(graded("m1"), "ordinal", "nominal", 1), "nodes[0].parts[0].scale", "graded_scale"},
		{graded("min") + "      - {id: c, kind: criterion, text: {en: q, es: q}, parts: [{id: d, kind: question, text: {en: q, es: q}, scale: s}]}\n", "nodes[0].parts[2]", "graded_leaf"},
	} {
		_, err := instrument.Read([]byte(c.text))
		var found fault.Fields
		errors.As(err, &found)
		f, ok := found.Of(c.path)
		if c.path == "" && err != nil || c.path != "" && (!ok || f.Key != "evaluation.instrument."+c.key) {
			t.Errorf("want %s at %s, got %v", c.key, c.path, err)
		}
	}
}

func TestSyntax(t *testing.T) {
	for _, text := range []string{
		"", "a: [", strings.Replace(whole, "id: small", "name: small", 1), strings.Replace(whole, "kind: pillar", "colour: red", 1),
		whole + "---\nid: b\n", "nodes: &n [{id: a, parts: *n}]",
	} {
		_, err := instrument.Read([]byte(text))
		var f *fault.Error
		if !errors.As(err, &f) || f.Key != "evaluation.instrument.syntax" {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(whole)
	f.Fuzz(func(t *testing.T, text string) {
		in, err := instrument.Read([]byte(text))
		if err == nil && len(in.Leaves()) == 0 {
			t.Error("nothing is asked")
		}
	})
}
