package app

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

// TestWhatPeopleAskedFor reads the rank over the calls of the plan that people
// are making: as a page, as a file, by a program, and the inputs behind a line.
func TestWhatPeopleAskedFor(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *house) {
		v := h.as("nobody")
		plan := h.one(`SELECT id FROM plan WHERE title LIKE 'Demonstration: the next plan%'`)
		all := h.one(`SELECT CAST(count(*) AS TEXT) FROM answer_input i JOIN answer_box b ON b.id = i.box WHERE b.of_id = $1 AND i.view = 'visible'`, plan)
		page := h.get(v, "/plan/"+plan+"/asked")
		if page.status != 200 || !strings.Contains(said(page.body), "From "+all+" input") {
			t.Fatalf("%d, of %s inputs: %s", page.status, all, visible(page.body))
		}
		rows, err := csv.NewReader(strings.NewReader(h.get(v, "/plan/"+plan+"/asked.csv").body)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatalf("%v %v", rows, err)
		}
		var api struct {
			Asked []struct {
				ID, Title string
				Inputs    int
			}
			Next string
		}
		must(t, json.Unmarshal([]byte(h.get(v, "/api/v1/plans/"+plan+"/asked?limit=1").body), &api))
		if len(api.Asked) != 1 || api.Asked[0].Title != rows[1][2] || len(rows) > 2 && api.Next == "" {
			t.Errorf("%+v, and the file begins with %v", api, rows[1])
		}
		behind := h.get(v, "/inputs?about=plan:"+plan+"&asking="+api.Asked[0].ID)
		_, table, _ := strings.Cut(behind.body, "<tbody")
		if behind.status != 200 || strings.Count(table, `href="/input/`) != api.Asked[0].Inputs {
			t.Errorf("behind the first line: %d %s", behind.status, visible(behind.body))
		}
		youth := h.get(v, "/plan/"+plan+"/asked?sector=youth&district=BZ-OW&sort=points").body
		if n := h.one(`SELECT CAST(count(*) AS TEXT) FROM answer_input i JOIN answer_box b ON b.id = i.box WHERE b.of_id = $1 AND i.view = 'visible' AND i.sector = 'youth' AND i.district = 'BZ-OW'`, plan); !strings.Contains(said(youth), "From "+n+" input") || !strings.Contains(youth, "Orange Walk") {
			t.Errorf("of the young in Orange Walk, %s: %s", n, visible(youth))
		}
		for path, status := range map[string]int{"/asked?cursor=x": 400, "/asked?sector=none": 200} {
			if got := h.get(v, "/plan/"+plan+path); got.status != status {
				t.Errorf("%s: %d, not %d", path, got.status, status)
			}
		}
		if none := h.get(v, "/plan/"+plan+"/asked?sector=media&language=kek").body; !strings.Contains(none, "Nobody has asked for this yet") {
			t.Error("an empty rank does not tell what to do")
		}
	})
}
