package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
)

// copied are the tables whose rows lists are made of, with what has to differ in
// a copy beside the id: %d is the number of the copy.
var copied = map[string]map[string]string{
	"forum": {"national": "FALSE"}, "forum_seat": nil, "forum_term": nil, "forum_decision": {"number": "number + 1000 * %d"}, "forum_call": nil, "forum_interest": nil,
	"forum_nomination": {"org": "'%d' || org"},
	"meeting":          nil, "meeting_action": nil, "meeting_invited": nil, "meeting_attendance": nil, "meeting_voice": nil,
	"plan": nil, "commitment": nil, "milestone": nil, "commitment_party": nil, "plan_outreach": nil, "plan_paper": {"root": "'%d' || substr(root, 2)"},
	"joint": nil, "joint_partner": nil, "joint_pledge": nil, "joint_word": nil, "joint_milestone": nil,
	"assessment": nil, "assessment_comment": nil, "consultation": nil, "consultation_annotation": nil,
	"answer_box": nil, "answer_input": {"receipt": "'%d' || receipt"}, "answer_theme": nil, "answer_reply": nil, "poll": nil, "poll_objection": nil,
	"procurement_import": nil, "procurement_process": {"ocid": "'%d' || ocid"}, "procurement_release": {"digest": "'%d' || digest"},
	"moderation_case": {"comment": "'%d' || comment"},
}

// manyMore puts three copies of each row beside it.
func (h *house) manyMore() {
	h.t.Helper()
	all := h.columns()
	for table, other := range copied {
		for n := 1; n <= 3; n++ {
			h.copyRows(all, table, other, string(rune('0'+n)))
		}
	}
}

func (h *house) copyRows(all []column, table string, other map[string]string, n string) {
	h.t.Helper()
	var names, values []string
	for _, c := range all {
		if c.table != table {
			continue
		}
		value := `"` + c.name + `"`
		if c.name == "id" {
			value = "'" + n + "' || substr(id, 2)" // ids begin with 0
		}
		if x, ok := other[c.name]; ok {
			value = strings.ReplaceAll(x, "%d", n)
		}
		names, values = append(names, `"`+c.name+`"`), append(values, value)
	}
	h.exec(`INSERT INTO "` + table + `" (` + strings.Join(names, ", ") + `) SELECT ` + strings.Join(values, ", ") + ` FROM "` + table + `" WHERE id LIKE '0%'`)
}

// costs asks for every page and every list of the API and returns how many
// statements each took, at least: the machinery beside it runs some too.
func (h *house) costs(m *matrix, v *visitor) map[string]int64 {
	h.t.Helper()
	out := map[string]int64{}
	for _, rt := range h.Server.Routes() {
		if rt.Method != "GET" || slices.ContainsFunc(notAList, func(p string) bool { return strings.Contains(rt.Path, p) }) {
			continue
		}
		asked := []target{}
		for _, at := range m.targets(rt) {
			asked = append(asked, at)
			if q := otherHalf[rt.Path]; q != "" {
				asked = append(asked, target{path: at.path + q})
			}
			break
		}
		for _, at := range asked {
			for range 3 {
				before := h.DB.Ran()
				r := m.ask(v, ask{path: at.path})
				if r.status != http.StatusOK {
					break
				}
				if took := h.DB.Ran() - before; out[at.path] == 0 || took < out[at.path] {
					out[at.path] = took
				}
			}
		}
	}
	return out
}

// otherHalf are questions without which a list shows half of what there is.
var otherHalf = map[string]string{"/meetings": "?when=past", "/api/v1/meetings": "?when=past"}

// notAList are addresses that wait for events or hand out whole copies.
var notAList = []string{"/events", "/export", "/admin/backup", "/static/"}

// TestListsAskOnce: what a page asks of the database does not grow with the number
// of things on it. The pages are all there are, before and after everything that
// stands in lists is there four times.
func TestListsAskOnce(t *testing.T) {
	h := openHouse(t, storeIn(t))
	h.furnish()
	h.quiet()
	m := &matrix{house: h, opened: map[string]bool{}}
	m.bodies, m.required = describedBy(h)
	kinds, was := []string{"administrator", "secretariat", "resident"}, map[string]map[string]int64{}
	for _, kind := range kinds {
		was[kind] = h.costs(m, h.as(kind))
	}
	h.manyMore()
	for _, kind := range kinds {
		before, after := was[kind], h.costs(m, h.as(kind))
		for path, n := range after {
			if was := before[path]; was > 0 && n > was+3 {
				t.Errorf("%s as %s: %d statements became %d where there are more things", path, kind, was, n)
			}
		}
		t.Logf("figure: %d pages as %s", len(after), kind)
	}
}

// exec runs one statement.
func (h *house) exec(q string, args ...any) {
	h.t.Helper()
	ctx := h.t.Context()
	must(h.t, h.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	}))
}
