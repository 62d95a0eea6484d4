package pages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
)

func productOptions(ctx context.Context, chosen codebook.Product) (out []ui.Option) {
	for _, p := range codebook.Products {
		out = append(out, ui.Option{Value: string(p), Label: productWord(ctx, p), Hint: i18n.T(ctx, "planreview.product_hint."+string(p)), Selected: p == chosen})
	}
	return out
}

func planOptions(all []plan.Plan, chosen string) (out []ui.Option) {
	for _, p := range all {
		out = append(out, ui.Option{Value: p.ID, Label: p.Title, Selected: p.ID == chosen})
	}
	return out
}

func langOptions(chosen string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

func orgOptions(ctx context.Context, all []org.Org, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.NameIn(i18n.LangOf(ctx)), Selected: o.ID == chosen})
	}
	return out
}

func mineOptions(v commentsView) (out []ui.Option) {
	for _, o := range v.Mine {
		out = append(out, ui.Option{Value: o, Label: v.Names[o], Selected: o == v.Org})
	}
	return out
}

func areaOptions(chosen string) (out []ui.Option) {
	for _, t := range ogpfile.Tags() {
		group := string(t.Parent)
		if group == "" {
			group = string(t.Column)
		}
		out = append(out, ui.Option{Value: string(t.Column), Label: string(t.Column), Group: group, Selected: string(t.Column) == chosen})
	}
	slices.SortStableFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Group, b.Group) })
	return out
}

func evaluatorOptions(v deskView) (out []ui.Option) {
	for _, h := range v.Evaluators {
		out = append(out, ui.Option{Value: h.Person, Label: h.Name})
	}
	return out
}

func memberOptions(v clusterView) (out []ui.Option) {
	for _, r := range v.Report.Rows {
		if r.Cluster == "" && v.Blocked[r.Commitment] == "" {
			out = append(out, ui.Option{Value: r.Commitment, Label: numbered(r), Hint: strings.Join(r.Tags, ", "), Selected: slices.Contains(v.One.Members.V, r.Commitment)})
		}
	}
	return out
}

// valueOptions are the choices of a variable, with what each means, and the
// words for what is missing last.
func valueOptions(ctx context.Context, v codebook.Variable, chosen string) (out []ui.Option) {
	for _, x := range v.Values {
		o := ui.Option{Value: x.ID, Label: i18n.T(ctx, "planreview.value."+x.ID), Selected: x.ID == chosen}
		if key := "planreview.means." + v.ID + "." + x.ID; i18n.Has(ctx, key) {
			o.Hint = i18n.T(ctx, key)
		}
		out = append(out, o)
	}
	for _, m := range v.Lacks {
		out = append(out, ui.Option{Value: m, Label: valueWord(ctx, m), Selected: m == chosen})
	}
	return out
}

func yesNoOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, x := range []string{"yes", "no"} {
		out = append(out, ui.Option{Value: x, Label: i18n.T(ctx, "planreview.value."+x), Selected: x == chosen})
	}
	return out
}

// paperOptions are the documents of the repository as evidence.
func paperOptions(ctx context.Context, all []plan.Paper, e review.Entry) (out []ui.Option) {
	for _, p := range all {
		chosen := slices.ContainsFunc(e.Evidence, func(x review.Evidence) bool { return x.Paper == p.ID })
		if !chosen && !p.Shown() {
			continue
		}
		o := ui.Option{Value: p.ID, Label: p.Title, Selected: chosen}
		if p.N > 1 || !p.Shown() {
			o.Hint = i18n.T(ctx, "repository.version_n", "n", p.N)
		}
		out = append(out, o)
	}
	return out
}

// readEvidence reads one thing that shows a code from each line: an address, at
// the end of the line with words before it, or words alone.
func readEvidence(text string) (out []review.Evidence) {
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		words := strings.Fields(line)
		last := words[len(words)-1]
		if strings.HasPrefix(last, "http://") || strings.HasPrefix(last, "https://") {
			out = append(out, review.Evidence{Title: strings.TrimSpace(strings.TrimSuffix(line, last)), URL: last})
			continue
		}
		out = append(out, review.Evidence{Title: line})
	}
	return out
}

// evidenceText is the other way: what readEvidence reads.
func evidenceText(all []review.Evidence) string {
	var out []string
	for _, e := range all {
		if e.Paper == "" {
			out = append(out, strings.TrimSpace(e.Title+" "+e.URL))
		}
	}
	return strings.Join(out, "\n")
}

// progress counts what is coded: commitments, and of how many.
func progress(r review.Report) (done, of int) {
	for _, row := range r.Rows {
		if len(row.Missing) == 0 {
			done++
		}
	}
	return done, len(r.Rows)
}

func judgedCount(r review.Report) (done, of int) {
	for _, j := range r.Process {
		if j.Code.Value != "" {
			done++
		}
	}
	return done, len(r.Process)
}

// unitRows are what is coded as one, with how it stands.
func unitRows(ctx context.Context, v deskView) (rows [][]ui.Cell) {
	for _, g := range units(v.Report) {
		row := rowOf(v.Report, g.Members[0])
		title := numbered(row)
		if g.Name != "" {
			title = g.Name + " " + g.Title
		}
		state := ui.StateCell(ui.Done, i18n.T(ctx, "planreview.is_coded"))
		if untold(v.Report, g.ID) {
			state = ui.StateCell(ui.Attention, i18n.T(ctx, "planreview.to_tell"))
		}
		if n := len(row.Missing); n > 0 {
			state = ui.StateCell(ui.Attention, i18n.N(ctx, "planreview.n_missing", n))
		}
		for _, m := range g.Members {
			if o := v.Blocked[m]; o != "" {
				state = ui.StateCell(ui.Wrong, i18n.T(ctx, "planreview.you_are_tied"))
			}
		}
		first := ui.LinkCell(title, "/assessment/"+v.Slug+"/code?of="+g.ID)
		if len(g.Members) > 1 {
			first.Note = i18n.N(ctx, "planreview.n_members", len(g.Members))
		}
		rows = append(rows, []ui.Cell{first, state})
	}
	return rows
}

// untold reports whether the report has to tell of something by itself, and
// does not yet.
func untold(r review.Report, subject string) bool {
	return slices.ContainsFunc(r.Promising, func(t review.Told) bool { return t.Subject == subject && !t.Texts.Enough() })
}

// readFirst are the texts of a commitment that a reviewer reads before coding.
func readFirst(ctx context.Context, r review.Row) []ui.Pair {
	return []ui.Pair{
		{Term: i18n.T(ctx, "planreview.promise"), Text: r.Text},
		{Term: i18n.T(ctx, "planreview.lead_org"), Text: r.Lead},
		{Term: i18n.T(ctx, "planreview.supporting"), Text: strings.Join(r.Supporting, ", ")},
		{Term: i18n.T(ctx, "planreview.runs"), Text: i18n.T(ctx, "planreview.from_to", "from", i18n.CivilDate(ctx, r.Start), "to", i18n.CivilDate(ctx, r.End))},
	}
}

func historyRows(ctx context.Context, v codeView) (rows [][]ui.Cell) {
	for _, c := range v.History {
		word := valueWord(ctx, c.Value)
		if c.Value == "" {
			word = i18n.T(ctx, "planreview.taken_back")
		}
		why := c.Rationale
		if c.Value == "" {
			why = i18n.T(ctx, "planreview.back."+c.Rationale)
		}
		rows = append(rows, []ui.Cell{ui.Text(fieldLabel(ctx, c.Variable)), ui.Text(word), ui.Text(why), ui.Text(i18n.DateTime(ctx, c.At.Time))})
	}
	return rows
}

// computedHint says what the computer found of a requirement.
func computedHint(ctx context.Context, j review.Judged) string {
	if j.Computed == "" {
		return i18n.T(ctx, "planreview.roll_up_hint")
	}
	return i18n.T(ctx, "planreview.computed_says", "verdict", i18n.T(ctx, "plan.verdict."+string(j.Computed)))
}

func telling(v codeView) []review.Part { return v.Telling.Parts() }

func texts(a *review.Assessment) []review.Part { return a.Texts.V.Parts() }

// conflicts are the fields that two reviewers wrote differently, and same those
// that need no choice.
func conflicts(ctx context.Context, mine, theirs review.Assessment) (out []ui.ConflictField, same []ui.Hidden) {
	add := func(name, a, b string) {
		if a == b {
			same = append(same, ui.Hidden{Name: name, Value: a})
			return
		}
		out = append(out, ui.ConflictField{Name: name, Label: fieldLabel(ctx, name), Mine: a, Theirs: b, Long: len(a)+len(b) > 160})
	}
	add("title", mine.Title, theirs.Title)
	add("lang", mine.Lang, theirs.Lang)
	add("since", mine.Since, theirs.Since)
	others := theirs.Texts.V.Parts()
	for i, p := range mine.Texts.V.Parts() {
		add(p.Name, *p.Text, *others[i].Text)
	}
	return out, same
}

func differing(ctx context.Context, mine, theirs review.Assessment) []ui.ConflictField {
	out, _ := conflicts(ctx, mine, theirs)
	return out
}

func equal(ctx context.Context, mine, theirs review.Assessment) []ui.Hidden {
	_, out := conflicts(ctx, mine, theirs)
	return out
}

func formAction(v formView) string {
	if v.A.ID == "" {
		return "/assessments"
	}
	return "/assessment/" + v.Slug + "/edit"
}

func formCancel(v formView) string {
	if v.A.ID == "" {
		return "/assessments"
	}
	return "/assessment/" + v.Slug + "/desk"
}

// progressWords says how much is coded and judged: "9 of 14 coded".
func progressWords(ctx context.Context, v deskView) string {
	done, of := progress(v.Report)
	out := i18n.T(ctx, "planreview.progress", "n", done, "of", of)
	if n, all := judgedCount(v.Report); all > 0 {
		out += " " + i18n.T(ctx, "planreview.progress_process", "n", n, "of", all)
	}
	return out
}

func unitOver(ctx context.Context, v codeView) string {
	if v.Group.Name != "" {
		return i18n.T(ctx, "planreview.in_cluster_n", "cluster", v.Group.Name)
	}
	return v.A.Title
}

func unitTitle(v codeView) string {
	if v.Group.Name != "" {
		return v.Group.Title
	}
	return numbered(v.Rows[0])
}

// tied is the organisation that stands in the way of coding the unit.
func tied(v codeView) string {
	for _, m := range v.Group.Members {
		if o := v.Blocked[m]; o != "" {
			return o
		}
	}
	return ""
}

// voicesOf are what the three voices say of the unit's milestones.
func voicesOf(v codeView) (out []review.Voices) {
	for _, x := range v.Report.Milestones {
		if slices.Contains(v.Group.Members, x.Commitment) {
			out = append(out, x)
		}
	}
	return out
}

func seen(e review.Entry) string { return strconv.Itoa(e.Seen) }

func answerErrors(v commentsView, comment string) ui.FieldErrors {
	if v.Failed != comment {
		return nil
	}
	return v.Errors.Only("answer")
}

func answerText(v commentsView, c review.Comment) string {
	if v.Failed == c.ID {
		return v.Answer
	}
	return c.Answer
}

// sectionTitle heads a commitment above its codes: its own title where several
// are coded as one.
func sectionTitle(ctx context.Context, v codeView, r review.Row) string {
	if len(v.Rows) > 1 {
		return numbered(r)
	}
	return i18n.T(ctx, "planreview.commitment")
}
