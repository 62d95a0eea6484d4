package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// ask sends JSON to the API and reads its answer.
func (o *office) ask(want int, method, path, body string, headers ...string) map[string]any {
	o.t.Helper()
	res := o.send(method, "/api/v1"+path, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, headers...)...)
	text, err := io.ReadAll(res.Body)
	o.check(err)
	out := map[string]any{}
	if res.StatusCode != want || json.Unmarshal(text, &out) != nil {
		o.t.Fatalf("%s %s: status %d, want %d: %.500s", method, path, res.StatusCode, want, text)
	}
	return out
}

// arrive sends a whole file and returns the upload's id.
func (o *office) arrive(name, text string) string {
	o.t.Helper()
	to := o.begin(name, len(text))
	if res := o.patch(to, 0, []byte(text)); res.StatusCode != http.StatusNoContent {
		o.t.Fatal(res.Status)
	}
	return strings.TrimPrefix(to, "/uploads/")
}

// A program publishes a file with nothing but its key: it sends the file, looks
// at what was found, publishes, and hands in the next version.
func TestPublishByAPI(t *testing.T) {
	o := openOffice(t)
	add := `{"title":"Roads","upload":"` + o.arrive("roads.csv", "district,km\nCayo,12\nToledo,7\nToledo,x\n") + `"}`
	made := o.ask(201, "POST", "/datasets/"+o.dataset+"/resources", add, "Idempotency-Key", "once")
	if again := o.ask(201, "POST", "/datasets/"+o.dataset+"/resources", add, "Idempotency-Key", "once"); again["id"] != made["id"] {
		t.Errorf("the same request again made another resource: %v", again)
	}
	res := "/resources/" + made["id"].(string)
	if m := o.ask(200, "GET", res+"/making", ""); m["state"] != "received" {
		t.Errorf("before the work: %v", m)
	}
	o.check(o.app.Jobs.Drain(t.Context()))
	m := o.ask(200, "GET", res+"/making", "")
	if m["state"] != "profiled" || m["rows"] != 3.0 || len(m["columns"].([]any)) != 2 {
		t.Fatalf("profiled: %v", m)
	}
	o.ask(200, "POST", res+"/publish", `{"note":"first"}`)
	o.check(o.app.Jobs.Drain(t.Context()))
	if m := o.ask(200, "GET", res+"/making", ""); m["state"] != "none" {
		t.Errorf("after publishing: %v", m)
	}
	if rows := o.ask(200, "GET", res+"/rows?filter=district%20%3D%20%27Toledo%27", ""); len(rows["rows"].([]any)) != 2 {
		t.Errorf("rows: %v", rows)
	}
	o.ask(409, "POST", res+"/publish", `{}`) // nothing waits

	o.ask(201, "POST", res+"/versions", `{"upload":"`+o.arrive("roads.csv", "district,km\nCayo,13\n")+`"}`)
	o.check(o.app.Jobs.Drain(t.Context()))
	o.ask(200, "POST", res+"/publish", `{}`)
	o.check(o.app.Jobs.Drain(t.Context()))
	if r := o.ask(200, "GET", res, ""); r["version"] != 2.0 || r["rows"] != 1.0 {
		t.Errorf("second version: %v", r)
	}
}

// What will not do is told by its field, and leaves nothing.
func TestPublishByAPIRefused(t *testing.T) {
	o := openOffice(t)
	to := "/datasets/" + o.dataset + "/resources"
	if p := o.ask(422, "POST", to, `{"title":"Nothing"}`); !strings.Contains(asText(p), "upload") {
		t.Errorf("no file and no link: %v", p)
	}
	if p := o.ask(422, "POST", to, `{"upload":"01a20878-e1f0-78e7-a6f3-457d391b43c3","url":"https://example.org/a.csv"}`); !strings.Contains(asText(p), "upload") {
		t.Errorf("an upload that is not there: %v", p)
	}
	link := o.ask(201, "POST", to, `{"url":"https://example.org/a.csv"}`)
	if link["kind"] != "link" {
		t.Errorf("a link: %v", link)
	}
	o.ask(422, "POST", "/resources/"+link["id"].(string)+"/versions", `{"upload":"`+o.arrive("a.csv", "a\n1\n")+`"}`)

	people := o.ask(201, "POST", to, `{"upload":"`+o.arrive("people.csv", "full name,e-mail,phone\nAna Ruiz,ana@example.org,6001234\nBo Tzul,bo@example.org,6005678\n")+`"}`)
	o.check(o.app.Jobs.Drain(t.Context()))
	res := "/resources/" + people["id"].(string)
	if m := o.ask(200, "GET", res+"/making", ""); len(m["personal"].([]any)) == 0 {
		t.Errorf("personal columns: %v", m)
	}
	o.ask(422, "POST", res+"/publish", `{}`)
	o.key = o.keyOf("other@example.org", o.works+"x")
	if r := o.send("GET", "/api/v1"+res+"/making", nil); r.StatusCode != 404 && r.StatusCode != 403 {
		t.Errorf("an outsider reads what is in the making: %s", r.Status)
	}
}

func asText(v any) string { b, _ := json.Marshal(v); return string(b) }
