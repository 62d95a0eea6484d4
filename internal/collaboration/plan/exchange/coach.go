package exchange

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// Advice is something that a reviewer would miss in a commitment. It is about
// words: what people mean or can do, it does not know.
type Advice struct {
	Kind  string // the last part of the key of its sentence
	Where string // title of a milestone; empty for the commitment
	Quote string // the words it is about
	Word  string // the weak one
}

// The words are matched without accents and capitals. They come from what the
// reviewers' reports call vague (promote, strengthen, support) and stand-alone
// (a website, a training, a pilot), and from the IRM's definition of modest: "a
// positive but standalone initiative", without "binding or institutionalised
// changes" (IRM Guidelines for the Assessment of Minimum Requirements and
// Action Plan Review, potential for results).
var (
	weakWords = regexp.MustCompile(`\b(promot(e|es|ing)|strengthen(s|ing)?|support(s|ing)?|encourag(e|es|ing)|foster(s|ing)?|enhanc(e|es|ing)|facilitat(e|es|ing)|` +
		`explor(e|es|ing)|rais(e|es|ing) awareness|promover|promovera|promueve|fortalecer|fortalecera|fortalece|apoyar|apoyara|apoya|fomentar|fomenta|impulsar|impulsa|` +
		`facilitar|facilita|mejorar|contribuir|sensibilizar|explorar)\b`)
	aloneWords = regexp.MustCompile(`\b(web ?sites?|portals?|platforms?|apps?|trainings?|workshops?|courses?|pilots?|campaigns?|seminars?|` +
		`sitios? web|portal(es)?|plataformas?|aplicaci(on|ones)|capacitaci(on|ones)|talleres|taller|cursos?|pilotos?|campanas?|seminarios?)\b`)
	bindingWords = regexp.MustCompile(`\b(laws?|acts?|bills?|legislation|regulations?|decrees?|policy|policies|directives?|mandates?|mandatory|binding|requires?|required|obliged?|obligations?|` +
		`procedures?|standards?|rules?|institutionali[sz]\w*|budget lines?|leyes|ley|reglamentos?|decretos?|politicas?|normas?|normativas?|directivas?|obligatori[oa]s?|obligaci(on|ones)|` +
		`procedimientos?|protocolos?|institucionaliz\w*|presupuest\w*)\b`)
	sentenceEnd = regexp.MustCompile(`[.;!?]+\s+|\n+`)
)

// mostQuotes is how many weak sentences are shown: more would only be noise.
const mostQuotes = 5

// Judge says what a commitment lacks. With stepsKnown false nothing is said of
// milestones: the text alone cannot tell.
func Judge(f template.Commitment, stepsKnown bool) (out []Advice) {
	add := func(kind, where, quote, word string) { out = append(out, Advice{kind, where, quote, word}) }
	if stepsKnown {
		out = judgeSteps(f)
		if f.Problem == "" {
			add("no_problem", "", "", "")
		}
	}
	n := 0
	for _, s := range sentencesOf(joined("\n", f.Title, f.Brief, f.Solution, f.Results)) {
		if word := weakWords.FindString(id.Fold(s)); word != "" && !strings.ContainsAny(s, "0123456789") && n < mostQuotes {
			n++
			add("vague", "", s, word)
		}
	}
	whole := id.Fold(wordsOfForm(f))
	binds := bindingWords.MatchString(whole)
	if word := aloneWords.FindString(id.Fold(joined("\n", f.Title, f.Solution, f.Brief))); word != "" && !binds {
		add("alone", "", "", word)
	}
	if !binds && whole != "" {
		add("not_binding", "", "", "")
	}
	return out
}

func judgeSteps(f template.Commitment) (out []Advice) {
	add := func(kind, where, word string) { out = append(out, Advice{Kind: kind, Where: where, Word: word}) }
	if len(f.Milestones) == 0 {
		add("no_milestone", "", "")
		return out
	}
	measured := false
	for _, m := range f.Milestones {
		if m.Output == "" {
			if word := weakWords.FindString(id.Fold(m.Title)); word != "" {
				add("vague_step", m.Title, word)
			} else {
				add("no_output", m.Title, "")
			}
		}
		if m.End == "" {
			add("no_end", m.Title, "")
		}
		measured = measured || m.Baseline != "" && m.Target != ""
	}
	if !measured {
		add("no_baseline", "", "")
	}
	return out
}

func sentencesOf(text string) (out []string) {
	for _, s := range sentenceEnd.Split(text, -1) {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			cut, _ := short(s, 240)
			out = append(out, cut)
		}
	}
	return out
}

func wordsOfForm(f template.Commitment) string {
	parts := []string{f.Title, f.Brief, f.Problem, f.Solution, f.Results, f.Transparency, f.Accountability, f.Participation, f.Contribution, f.Relevance, f.Text}
	for _, m := range f.Milestones {
		parts = append(parts, m.Title, m.Output)
	}
	return joined("\n", parts...)
}

// Library keeps what commitments are compared with, until it changes.
type Library struct {
	mu   sync.Mutex
	last *books
}

// books are all reference commitments, ready to be asked.
type books struct {
	stamp stamp
	file  *ogpfile.File // nil while OGP's table was not imported
	index *ogpfile.Index
	refs  map[string]Reference // by key, without their cells
}

// stamp tells one state of the reference from another.
type stamp struct {
	n       int
	changed int64
}

// open returns the books as the database has them.
func (l *Library) open(ctx context.Context, tx *db.Tx) (*books, error) {
	now, err := db.Get(ctx, tx, func(s *stamp) []any { return []any{&s.n, &s.changed} }, `SELECT count(*), coalesce(max(changed), 0) FROM plan_reference`)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last != nil && l.last.stamp == now {
		return l.last, nil
	}
	b := &books{stamp: now, refs: map[string]Reference{}}
	if now.n > 0 {
		f, all, err := table(ctx, tx)
		if err != nil {
			return nil, err
		}
		b.fill(f, all)
	}
	l.last = b
	return b, nil
}

func (b *books) fill(f *ogpfile.File, all []Reference) {
	var docs []ogpfile.Doc
	for _, r := range all {
		var tags []ogpfile.Column
		if r.Source == OGP {
			b.file = f
			if row, ok := f.Find(r.Key); ok {
				tags = row.Tags()
			}
		}
		docs = append(docs, ogpfile.Doc{ID: r.Key, Title: r.Title, Text: r.Body, Tags: tags})
		r.Cells.V, r.Body = nil, ""
		b.refs[r.Key] = r
	}
	b.index = ogpfile.NewIndex(docs)
}

// Alike is a real commitment that is like a text, and what became of it.
type Alike struct {
	Reference
	Terms []string // shared words, the most telling first
	Tags  []ogpfile.Column
	Codes Codes
}

// Codes are what OGP's reviewers said of a commitment, in the table's words;
// empty where they said nothing.
// Scales of different eras are not the same and stay apart.
type Codes struct {
	Verifiable string
	Potential  string // for results, plans from 2020 on
	Impact     string // potential impact, plans until 2019
	Completion string
	Early      string // early results, reports from 2021 on
	Opened     string // did it open government, earlier reports
}

// Any reports whether the reviewers said anything.
func (c Codes) Any() bool { return c != Codes{} }

func codesOf(row ogpfile.Row) Codes {
	return Codes{
		Verifiable: given(row, ogpfile.ColVerifiable), Potential: given(row, ogpfile.ColPotential), Impact: given(row, ogpfile.ColImpact),
		Completion: ogpfile.Outcome(row), Early: given(row, ogpfile.ColEarly), Opened: given(row, ogpfile.ColOpened),
	}
}

// mostAlike is how many real commitments are shown, and mostTags how many
// benchmarks.
const mostAlike, mostTags = 5, 4

// alike finds real commitments like a text; besides is one of this site that is
// not to be found.
func (b *books) alike(text string, tags []string, besides string) (out []Alike) {
	if b.index == nil {
		return nil
	}
	var chosen []ogpfile.Column
	for _, t := range tags {
		chosen = append(chosen, ogpfile.Column(t))
	}
	for _, m := range b.index.Similar(text, chosen, mostAlike+1) {
		r := b.refs[m.ID]
		if len(out) == mostAlike || besides != "" && r.Record == besides {
			continue
		}
		a := Alike{Reference: r, Terms: m.Terms, Tags: m.Tags}
		if r.Source == OGP {
			if row, ok := b.file.Find(r.Key); ok {
				a.Codes = codesOf(row)
			}
		}
		out = append(out, a)
	}
	return out
}

// Mark is a benchmark of commitments with a tag.
type Mark struct {
	Tag string // empty for all commitments
	ogpfile.Benchmark
}

// marks are the benchmarks for tags; for those of the likest commitments where
// a text has none. The first is of all.
func (b *books) marks(tags []string, like []Alike) []Mark {
	if b.file == nil {
		return nil
	}
	if len(tags) == 0 {
		tags = b.common(like)
	}
	out := []Mark{{"", b.file.Benchmark(ogpfile.Query{})}}
	for _, t := range tags[:min(len(tags), mostTags)] {
		if _, known := ogpfile.TagOf(ogpfile.Column(t)); known {
			out = append(out, Mark{t, b.file.Benchmark(ogpfile.Query{Tags: []ogpfile.Column{ogpfile.Column(t)}})})
		}
	}
	return out
}

// common are the tags of several of the likest commitments, the commonest first.
func (b *books) common(like []Alike) (out []string) {
	n := map[string]int{}
	for _, a := range like {
		if row, ok := b.file.Find(a.Key); ok && a.Source == OGP {
			for _, t := range row.Tags() {
				if n[string(t)]++; n[string(t)] == 2 {
					out = append(out, string(t))
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, c string) int { return n[c] - n[a] })
	return out
}

// Coached is what the coach has to say.
type Coached struct {
	Advice  []Advice
	Alike   []Alike
	Marks   []Mark
	Empty   bool // nothing to compare with was imported yet
	Steps   bool // milestones were looked at too
	Nothing bool // there was no text
}

// Coach judges the words of a commitment of this site and finds what it is like.
func (x *Exchange) Coach(ctx context.Context, tx *db.Tx, c plan.Commitment) (Coached, error) {
	ms, err := plan.Milestones(ctx, tx, c.ID)
	if err != nil {
		return Coached{}, err
	}
	f := x.form(c, ms, nil, nil)
	return x.coach(ctx, tx, f, c.Tags.V, c.ID, true)
}

// CoachText judges a text, in either template or none.
func (x *Exchange) CoachText(ctx context.Context, tx *db.Tx, text string) (Coached, error) {
	if strings.TrimSpace(text) == "" {
		return Coached{Nothing: true}, nil
	}
	p := template.Parse("", text)
	f := p.Commitment
	if !p.Structured() {
		f.Solution, f.Text = f.Text, ""
	}
	return x.coach(ctx, tx, f, nil, "", len(f.Milestones) > 0)
}

func (x *Exchange) coach(ctx context.Context, tx *db.Tx, f template.Commitment, tags []string, besides string, steps bool) (Coached, error) {
	b, err := x.Library.open(ctx, tx)
	if err != nil {
		return Coached{}, err
	}
	like := b.alike(wordsOfForm(f), tags, besides)
	return Coached{Advice: Judge(f, steps), Alike: like, Marks: b.marks(tags, like), Empty: b.stamp.n == 0, Steps: steps}, nil
}
