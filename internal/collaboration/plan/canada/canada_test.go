package canada_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan/canada"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/needtest"
)

func real(t *testing.T, name string) canada.Plan {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(needtest.Data(t), "ogp", name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := canada.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadsBothPlans(t *testing.T) {
	for _, x := range []struct {
		file                                         string
		commitments, milestones, indicators, periods int
		first, last                                  string
		challenges                                   []string
	}{
		{"nap5.yaml", 5, 19, 106, 12, "2022-03", "2024-12", nil},
		{"nap6.yaml", 4, 19, 65, 9, "2025-12", "2029-12", []string{"LP", "NS"}},
	} {
		p := real(t, x.file)
		m, i := p.Counts()
		if got, want := []int{len(p.Commitments), m, i, len(p.Periods)}, []int{x.commitments, x.milestones, x.indicators, x.periods}; !slices.Equal(got, want) {
			t.Errorf("%s: commitments, milestones, indicators, periods %v, want %v", x.file, got, want)
		}
		if p.Periods[0] != x.first || p.Periods[len(p.Periods)-1] != x.last || !slices.Equal(p.Challenges, x.challenges) {
			t.Errorf("%s: periods %v, challenges %v", x.file, p.Periods, p.Challenges)
		}
		if len(p.Statuses) != 4 || p.Statuses[0].Code != "NS" || p.Statuses[3].Name.FR != "Réalisé" {
			t.Errorf("%s: statuses %+v", x.file, p.Statuses)
		}
	}
}

func TestReadsAnIndicator(t *testing.T) {
	i := real(t, "nap5.yaml").Commitments[0].Milestones[0].Indicators[0]
	if i.Code != "C01.1.1" || i.Due != "2023-12" || i.Deadline.EN != "By 2023" || !slices.Equal(i.Departments, []string{"nrcan-rncan"}) || i.S4D || !strings.HasPrefix(i.Title.FR, "Ajouter du contenu") {
		t.Errorf("%+v", i)
	}
	p := real(t, "nap6.yaml")
	if !p.NeedsChallenges("NS") || !p.NeedsChallenges("LP") || p.NeedsChallenges("SP") || real(t, "nap5.yaml").NeedsChallenges("NS") {
		t.Error("NAP6 wants challenges for what is not started or limited, NAP5 does not")
	}
}

func TestBecomesAPlan(t *testing.T) {
	plan := real(t, "nap5.yaml").Template()
	n := 0
	for _, c := range plan.Commitments {
		n += len(c.Milestones)
		for _, m := range c.Milestones {
			if _, ok := template.Day(m.End, true); !ok || m.Lead == "" || m.Title == "" {
				t.Errorf("%+v", m)
			}
		}
	}
	if n != 106 || plan.Commitments[3].Title != "Justice" || plan.Start != "2022-03" {
		t.Errorf("%d milestones in %q", n, plan.Commitments[3].Title)
	}
}

const small = `
dataset_type: nap9
title: Plan
resources:
- fields:
  - datastore_id: reporting_period
    choices: {2030-06: 2030-06}
  - datastore_id: commitments
    choices: {C01: {en: One, fr: Un}}
  - datastore_id: milestones
    choices: {C01.1: {en: Step, fr: Pas}}
  - datastore_id: indicators
    choices: {C01.1.1: {en: Sign, fr: Signe, lead_dept: [a, b]}}
  - datastore_id: status
    choices: {NS: {en: Not started, fr: Non}}
`

func TestRefusesWhatIsNoPlan(t *testing.T) {
	p, err := canada.Read(strings.NewReader(small))
	if err != nil || !slices.Equal(p.Commitments[0].Milestones[0].Indicators[0].Departments, []string{"a", "b"}) {
		t.Fatalf("%+v, %v", p, err)
	}
	for _, text := range []string{
		"", "a: b", "- x", "\t: {", strings.Replace(small, "{C01: ", "{C02: ", 1), strings.Replace(small, "C01.1.1:", "C01.2.1:", 1),
		strings.Replace(small, "C01.1.1:", "C01.1.x:", 1), strings.Replace(small, "datastore_id: status", "datastore_id: other", 1), strings.Replace(small, "2030-06:", "soon:", 1),
	} {
		if p, err := canada.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read as %+v", text, p)
		}
	}
}
