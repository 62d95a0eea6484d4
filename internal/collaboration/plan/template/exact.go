package template

import "strings"

// findExact finds the headings as Render writes them: alone in their line, in
// English or Spanish, and the row of columns of a table with bars.
func findExact(text string) (out []mark) {
	at := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		m := mark{from: at, to: at + len(line)}
		at = m.to
		plainLine := strings.TrimSpace(line)
		if f, ok := exactHeadings[plainLine]; ok {
			m.field = f
			out = append(out, m)
		} else if cols := barColumns(plainLine); cols != nil {
			m.field, m.columns = MilestoneTitle, cols
			out = append(out, m)
		}
	}
	return out
}

// exactHeadings are the headings of fields and of parts. What stands directly
// below the heading of a part belongs to the first field of the part.
var exactHeadings = func() map[string]Field {
	out := map[string]Field{}
	for _, v := range []View{Current, Former} {
		for _, f := range v.Fields() {
			for _, lang := range []string{"en", "es"} {
				out[Heading(v, f, lang)] = f
			}
		}
	}
	for key, f := range map[string]Field{"problem": Problem, "description": Solution, "analysis": Transparency, "planning": MilestoneTitle} {
		out[parts[key][0]], out[parts[key][1]] = f, f
	}
	delete(out, Heading(Current, Number, "en")) // words that stand in a line for other reasons
	delete(out, Heading(Current, Number, "es"))
	return out
}()

// barColumns reads a line such as "Milestone | Expected outputs"; nil for any
// other.
func barColumns(line string) (cols []Field) {
	cells := strings.Split(line, "|")
	if len(cells) < 2 {
		return nil
	}
	for _, c := range cells {
		f := fieldOf(c)
		if !strings.HasPrefix(string(f), MilestonePrefix) {
			return nil
		}
		cols = append(cols, f)
	}
	return cols
}
