package template_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/plan/template"
)

// texts are such as people write, and such as would break a careless packing.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{
		"[Budget]", "\\[Budget]\n", "\n[Causes of the problem]\n\n", "[Milestone 1: Target]", "[Note]\ntext", "a\n\nb\n", "\n", "\\\\[Country]", "[Milestone 99: Target]\nx", "[Additional information]",
	}))
}

func commitments() *rapid.Generator[template.Commitment] {
	return rapid.Custom(func(t *rapid.T) (c template.Commitment) {
		v := reflect.ValueOf(&c).Elem()
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.String {
				v.Field(i).SetString(texts().Draw(t, v.Type().Field(i).Name))
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "milestones") {
			var m template.Milestone
			v := reflect.ValueOf(&m).Elem()
			for i := range v.NumField() {
				v.Field(i).SetString(texts().Draw(t, v.Type().Field(i).Name))
			}
			c.Milestones = append(c.Milestones, m)
		}
		return c
	})
}

// T2.5
func TestBothTemplatesKeepEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := commitments().Draw(t, "commitment")
		if got := template.FromCurrent(template.ToCurrent(c)); !reflect.DeepEqual(got, c) {
			t.Fatalf("current template: %+v, want %+v", got, c)
		}
		if got := template.FromFormer(template.ToFormer(c)); !reflect.DeepEqual(got, c) {
			t.Fatalf("former template: %+v, want %+v", got, c)
		}
		former := template.ToFormer(c)
		through := template.FromCurrent(template.ToCurrent(template.FromFormer(former)))
		if got := template.ToFormer(through); !reflect.DeepEqual(got, former) {
			t.Fatalf("former to current and back: %+v, want %+v", got, former)
		}
	})
}

func TestEveryFieldIsReached(t *testing.T) {
	c := template.Commitment{Milestones: []template.Milestone{{}}}
	fill := func(v reflect.Value) {
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.String {
				v.Field(i).SetString(v.Type().Field(i).Name)
			}
		}
	}
	fill(reflect.ValueOf(&c).Elem())
	fill(reflect.ValueOf(&c.Milestones[0]).Elem())
	for _, back := range []template.Commitment{template.FromCurrent(template.ToCurrent(c)), template.FromFormer(template.ToFormer(c))} {
		if !reflect.DeepEqual(back, c) {
			t.Errorf("%+v, want %+v", back, c)
		}
	}
}

func TestAdditionalInformationIsReadable(t *testing.T) {
	f := template.ToFormer(template.Commitment{Additional: "Own words.", Causes: "Old law.", Milestones: []template.Milestone{{Title: "Draft", Output: "A bill"}}})
	var got string
	for _, s := range f.Sections {
		if s.Field == template.Additional {
			got = s.Text
		}
	}
	want := "Own words.\n\n[Causes of the problem]\nOld law.\n\n[Milestone 1: Expected outputs]\nA bill"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHeadingsAreComplete(t *testing.T) {
	for _, v := range []template.View{template.Current, template.Former} {
		for _, f := range append(v.Fields(), v.Columns()...) {
			for _, lang := range []string{"en", "es"} {
				if strings.TrimSpace(template.Heading(v, f, lang)) == "" {
					t.Errorf("%s has no heading in %s, %s", f, v, lang)
				}
			}
		}
	}
}
