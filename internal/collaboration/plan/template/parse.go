package template

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Parsed is what Parse found in a text.
type Parsed struct {
	Commitment Commitment
	View       View    // the template whose headings it has; empty where it has too few
	Found      []Field // headings, in the order of the text; MilestoneTitle for a table of milestones
	Loose      bool    // a table of milestones could not be cut into rows and stands in Additional
}

// Structured tells whether the text has become fields. If not, it stands whole
// in the commitment's Text.
func (p Parsed) Structured() bool { return p.View != "" }

// enough is how many headings that say what a commitment is about make a text
// one that follows a template. A table of milestones needs only one beside it,
// or a brief description or a lead.
const enough = 2

// Parse reads the text of a commitment in either template, in English or
// Spanish. Headings may stand in lines of their own or run into the text, as
// they do where a PDF was copied; milestones may be a table with bars or tabs,
// or flattened to activity, start, end, activity …. Every word of the text ends
// in some field, but for the headings.
func Parse(title, text string) (p Parsed) {
	p.Commitment.Title = strings.TrimSpace(title)
	text = plain(text)
	marks := findHeadings(text)
	p.View = viewOf(marks)
	if p.View == "" {
		p.Commitment.Text = text
		return p
	}
	if lead := strings.TrimSpace(text[:marks[0].from]); lead != "" {
		p.put(leadField(marks), lead)
	}
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1].from
		}
		body := strings.TrimSpace(text[m.to:end])
		if body != "" && !slices.Contains(p.Found, m.field) {
			p.Found = append(p.Found, m.field)
		}
		p.take(m, body)
	}
	p.Commitment.unpackAdditional()
	return p
}

// take files what stands below a heading.
func (p *Parsed) take(m mark, body string) {
	if m.field != MilestoneTitle {
		p.put(m.field, body)
		return
	}
	rows, rest := readMilestones(m.columns, body)
	p.Commitment.Milestones = append(p.Commitment.Milestones, rows...)
	if rest != "" {
		p.Loose = p.Loose || len(rows) == 0
		p.put(Additional, rest)
	}
}

// put adds a text to a field, after what it holds already.
func (p *Parsed) put(f Field, body string) {
	at := p.Commitment.at(f)
	if at == nil || body == "" {
		return
	}
	*at = strings.TrimPrefix(*at+"\n\n"+body, "\n\n")
}

// leadField is where the text before the first heading goes: it describes the
// commitment, unless a description of its own follows.
func leadField(marks []mark) Field {
	if slices.ContainsFunc(marks, func(m mark) bool { return m.field == Brief }) {
		return Additional
	}
	return Brief
}

// viewOf tells the template by headings that only one of them has.
func viewOf(marks []mark) View {
	seen := map[Field]bool{}
	now := 0
	for _, m := range marks {
		if !seen[m.field] && slices.Contains([]Field{Causes, DoneSoFar, Results, Transparency, Accountability, Participation}, m.field) {
			now++
		}
		seen[m.field] = true
	}
	telling := now
	for _, f := range []Field{Problem, Solution, Contribution, Relevance} {
		if seen[f] {
			telling++
		}
	}
	table := seen[MilestoneTitle] && (telling > 0 || seen[Brief] || seen[Lead])
	switch {
	case telling < enough && !table:
		return ""
	case now >= 2, telling == 0 && seen[Brief]:
		return Current
	}
	return Former
}

// plain makes white space even: one kind of line end, one kind of space, no
// space at the ends of lines. Bullets of a symbol font that no other font has
// become bullets.
func plain(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u2028", "\n", "\ufeff", "", "\uf0d8", "•", "\uf0b7", "•", "\uf0a7", "•", "\uf0fc", "•").Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRightFunc(l, unicode.IsSpace)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// mark is a heading in a text.
type mark struct {
	from, to int
	field    Field   // empty for a heading over others
	columns  []Field // of a table of milestones whose heading names them
}

// findHeadings finds all headings, in the order of the text.
func findHeadings(text string) (out []mark) {
	out = slices.Concat(findExact(text), findQuestions(text), findTables(text))
	for _, h := range lineHeadings {
		for _, m := range h.form.FindAllStringSubmatchIndex(text, -1) {
			out = append(out, mark{from: m[0], to: m[1], field: h.field})
		}
	}
	slices.SortFunc(out, func(a, b mark) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to // the longer first
	})
	return apart(out)
}

// apart leaves out headings within other headings.
func apart(marks []mark) (out []mark) {
	for _, m := range marks {
		if len(out) == 0 || m.from >= out[len(out)-1].to {
			out = append(out, m)
		}
	}
	return out
}

// question finds a sentence that asks, at the start of a line or after a full
// stop, with a number before it or not.
var question = regexp.MustCompile(`(?:^|\n|[.?!:;”"]\s)[ \t]*(?:[-•*–▪]\s*)?(?:\d{1,2}\s*[.)]\s*)?(¿?(?:What|Which|How|Why|Qué|Cuál|Cuáles|Cómo|Por qué|Que|Cual|Como|Por que)[ \t\n][^.?!\n]{5,70}(?:\n?[^.?!\n]{0,90})?\?)`)

func findQuestions(text string) (out []mark) {
	for _, m := range question.FindAllStringSubmatchIndex(text, -1) {
		if f, ok := asks(text[m[2]:m[3]]); ok {
			from := m[0]
			if m[0] < len(text) && strings.ContainsRune(".?!:;\"", rune(text[m[0]])) {
				from++ // the full stop belongs to the sentence before
			}
			out = append(out, mark{from: from, to: m[3], field: f})
		}
	}
	return out
}

// questions tell by their words which field a question asks for. The first
// that fits counts.
var questions = []struct {
	form  *regexp.Regexp
	field Field
}{
	{regexp.MustCompile(`relevan|values? of|ogp|valores`), Relevance},
	{regexp.MustCompile(`causes?\b|reasons for|causas`), Causes},
	{regexp.MustCompile(`done so far|already been done|hecho hasta`), DoneSoFar},
	{regexp.MustCompile(`what solution|qué solución`), Solution},
	{regexp.MustCompile(`results? do we want|results? will|qué resultados|objectives of the (commitment|measure)`), Results},
	{regexp.MustCompile(`^(how|cómo).*(contribut|contribuir|solv|address|resol)`), Contribution},
	{regexp.MustCompile(`^(how|cómo).*(participa)`), Participation},
	{regexp.MustCompile(`^(how|cómo).*(accountab|responsib|rendición de cuentas)`), Accountability},
	{regexp.MustCompile(`^(how|cómo).*(transparen)`), Transparency},
	{regexp.MustCompile(`^(what|which|cuál|qué).*(problem|issue|challenge|need)`), Problem},
	{regexp.MustCompile(`^what (is|does|are) (the|this) (components of (the|this) )?(commitment|measure)( consist of| include| entail|)\??$|^cuál es el compromiso`), Solution},
}

// asks tells which field a question asks for.
func asks(q string) (Field, bool) {
	q = strings.ToLower(strings.Join(strings.Fields(strings.Trim(q, "¿?")), " "))
	for _, x := range questions {
		if x.form.MatchString(q) {
			return x.field, true
		}
	}
	return "", false
}

// lineHeading is a heading that begins a line.
type lineHeading struct {
	form  *regexp.Regexp
	field Field
}

// A heading may be followed by its text in the same line (own), or stands alone
// in its line or before a colon (alone): words that also occur in sentences.
func own(words string, f Field) lineHeading {
	return lineHeading{regexp.MustCompile(`(?m)^[ \t]*(?:[-•*–▪]\s*|\d{1,2}[.)]\s*)?(?i:` + words + `)\b[ \t]*[:.]?`), f}
}

func alone(words string, f Field) lineHeading {
	return lineHeading{regexp.MustCompile(`(?m)^[ \t]*(?:[-•*–▪]\s*|\d{1,2}[.)]\s*)?(?i:` + words + `)[ \t]*(?:[:.]|$)`), f}
}

// lineHeadings are the headings of both templates and their forerunners (2012
// to 2016), as they occur in the plans, that are no questions.
var lineHeadings = []lineHeading{
	own(`brief description of (?:the )?commitment`, Brief), alone(`brief description|breve descripción(?: del compromiso)?|summary`, Brief),
	own(`status quo or problem addressed by the commitment|problem to be addressed|problem addressed by the\s+commitment|general problem|defining (?:a|the) problem`, Problem),
	alone(`problem definition|definition of the problem|status quo(?: or problem)?(?: addressed)?|problem addressed|public problem|definición del problema`, Problem),
	alone(`main objectives?|objectives?|description of (?:the )?commitment|commitment description|proposed solutions?|the commitment|description of the measure|descripción del compromiso|full description(?: of the commitment)?`, Solution),
	alone(`desired results|expected results|anticipated impact|ambition|expected impact|expected outcomes?`, Results),
	own(`contribution of (?:the )?commitment to solving (?:the )?problem|how will this commitment\s+contribute to problem solving\?`, Contribution),
	own(`relevance of (?:the )?commitment to (?:the )?ogp values|why is this commitment\s+relevant to ogp values\?`, Relevance),
	alone(`relevance|relevance to ogp values|ogp values|related ogp (?:challenge areas|values)`, Relevance),
	own(`additional information|información adicional`, Additional),
	alone(`commitment analysis|analysis of the commitment|análisis del compromiso`, Transparency),
	alone(`other relevant information.{0,60}|contact information|información de contacto`, Additional),
	own(`lead implementing (?:agency|institution|organi[sz]ation)(?:/actor)?|lead (?:agency|institution)|institución o actor responsable de la implementación|responsible (?:institution|agency)`, Lead),
	own(`name of (?:the )?responsible person(?: from (?:the )?implementing agency)?|nombre de la persona responsable`, ContactName),
	own(`title, department|cargo, departamento`, ContactTitle),
	own(`e-?mail and phone|phone and e-?mail|correo electrónico y teléfono`, ContactReach),
	own(`state actors(?: involved)?|government (?:ministries|institutions), departments?`, Government),
	own(`csos, private sector, multilaterals?,?\s*(?:and )?working groups|civil society organi[sz]ations(?: involved)?|civil sector`, CivilSociety),
	alone(`other actors(?: involved)?|otros actores(?: involucrados)?`, Other),
}
