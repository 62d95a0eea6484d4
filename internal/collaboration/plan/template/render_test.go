package template_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ceiba/internal/collaboration/plan/template"
)

func examplePlan() template.Plan {
	c := template.Commitment{
		Number: "1", Title: "Publish <contracts> & budgets", Country: "Belize", Brief: "Everything *is* published.", Problem: "First line\nsecond line\n\nnext paragraph",
		Relevance: "Aban lídangiñe garífuna: ü; q'eqchi': tz'aqal; ꞌ; ¿qué? 日", Lead: "Ministry", Additional: "# not a heading",
		Milestones: []template.Milestone{{Title: "Draft | rule", Output: "A rule\nand a guide", End: "June 2027", Lead: "Ministry"}, {Title: strings.Repeat("very long ", 900), Output: "x"}},
	}
	p := template.Plan{Title: "Open Government Action Plan", Country: "Belize", Start: "2026-07-01", End: "2030-06-30", Introduction: "Why.", Vision: "Whither.", Process: "How."}
	for range 4 {
		p.Commitments = append(p.Commitments, c)
	}
	return p
}

func render(t *testing.T, f template.Format, o template.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := template.Render(&b, f, examplePlan(), o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRendersText(t *testing.T) {
	got := render(t, template.PlainText, template.Options{})
	for _, want := range []string{
		"Open Government Action Plan\n\nBelize, 2026-07-01 – 2030-06-30\n\nIntroduction\n\nWhy.\n\n", "\n1. Publish <contracts> & budgets\n",
		"Problem definition\n\nWhat problem does the commitment aim to address?\n\nFirst line\nsecond line\n\nnext paragraph\n",
		"Commitment planning\n\nMilestone | Expected outputs | Expected completion date | Stakeholders: lead | Stakeholders: supporting\n\nDraft / rule | A rule and a guide | June 2027 | Ministry | \n",
		"[Relevance to OGP values]\nAban",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%.3000s", want, got)
		}
	}
	if es := render(t, template.PlainText, template.Options{View: template.Former, Lang: "es"}); !strings.Contains(es, "¿Por qué es relevante a los valores de OGP?\n\nAban") || !strings.Contains(es, "Institución o actor responsable") {
		t.Errorf("in Spanish:\n%.2000s", es)
	}
}

func TestRendersMarkdown(t *testing.T) {
	got := render(t, template.Markdown, template.Options{})
	for _, want := range []string{"# Open Government Action Plan\n", "### 1. Publish &lt;contracts> &amp; budgets\n", `Everything \*is\* published.`, `| Draft \| rule | A rule<br>and a guide |`, `\# not a heading`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%.3000s", want, got)
		}
	}
}

func TestRendersHTML(t *testing.T) {
	got := render(t, template.HTML, template.Options{Lang: "es"})
	root, err := html.Parse(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			counts[n.Data]++
		}
	}
	if counts["script"] != 0 || counts["img"] != 0 || counts["link"] != 0 || counts["h1"] != 1 || counts["table"] != 4 || counts["tr"] != 12 || counts["h3"] != 4 {
		t.Errorf("%v", counts)
	}
	if !strings.Contains(got, `<html lang="es">`) || !strings.Contains(got, "Publish &lt;contracts&gt; &amp; budgets") || !strings.Contains(got, "<td>A rule<br>and a guide</td>") {
		t.Errorf("%.1500s", got)
	}
}

func TestRendersPDF(t *testing.T) {
	got := render(t, template.PDF, template.Options{})
	if !strings.HasPrefix(got, "%PDF-") || !strings.Contains(got, "/Lang (en)") || !strings.Contains(got, "/Outlines") || !strings.Contains(got, "/FontFile2") {
		t.Errorf("%.300q", got)
	}
	if pages := strings.Count(got, "/Type /Page\n"); pages < 5 {
		t.Errorf("%d pages", pages)
	}
	if again := render(t, template.PDF, template.Options{}); again != got {
		t.Error("the same plan gives other bytes")
	}
	var b bytes.Buffer
	if err := template.RenderCommitment(&b, template.PDF, template.Commitment{}, template.Options{}); err != nil || !strings.HasPrefix(b.String(), "%PDF-") {
		t.Errorf("an empty commitment: %v", err)
	}
	if err := template.Render(&b, "docx", template.Plan{}, template.Options{}); err == nil {
		t.Error("an unknown format is written")
	}
}
