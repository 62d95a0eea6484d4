package answer

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, org.Schema, record.Schema, api.Schema, answer.Schema}

// hall is a server with these pages, an organisation and a promise.
type hall struct {
	*Pages
	t      *testing.T
	policy *who.Policy
	server *web.Server
	now    time.Time
	sender string // who sends requests
	lang   string
	org    string
}

var promise = record.Ref{Kind: "promise", ID: "01990000-0000-7000-8000-000000000001"}

// Session and Key make a hall the sessions of its server.
func (h *hall) Session(context.Context, string) (who.Actor, error) { return h.as(h.sender), nil }
func (h *hall) Key(context.Context, string) (who.Actor, error)     { return h.as(h.sender), nil }

func (h *hall) as(name string) who.Actor {
	if name == "" {
		return who.Nobody(h.policy)
	}
	a := who.Actor{ID: name, Name: name, Level: who.L2, Strong: true}
	switch name {
	case "olga":
		a.Grants = []who.Grant{{Role: who.Official, Org: h.org}}
	case "mia":
		a.Grants = []who.Grant{{Role: who.Moderator}}
	case "root":
		a.Grants = []who.Grant{{Role: who.Administrator}}
	}
	return who.As(h.policy, a)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newHall(t *testing.T, d *db.DB) *hall {
	t.Helper()
	h := &hall{t: t, now: time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC), lang: "en"}
	d.SetClock(func() time.Time { return h.now })
	rules := append(append(append([]who.Rule{}, answer.Rules...), record.Rules...), org.Rules...)
	h.policy = who.MustPolicy(rules...)
	office := &answer.Office{DB: d, Secret: []byte("0123456789abcdef0123456789abcdef")}
	h.Pages = &Pages{Office: office, Base: func() string { return "https://open.example" }}
	kinds, err := record.NewRegistry(append(office.RecordKinds(), record.Kind{Name: "promise", Chain: "commitment", Describe: func(_ context.Context, _ *db.Tx, _ who.Actor, ids []string) (cards []record.Card, err error) {
		for _, id := range ids {
			if id == promise.ID {
				cards = append(cards, record.Card{Ref: promise, Title: "Clean water by 2028", Public: true})
			}
		}
		return cards, nil
	}})...)
	must(t, err)
	office.Kinds = func() *record.Registry { return kinds }
	o, err := org.Create(t.Context(), d, h.as("root"), org.Change{Kind: org.National, Name: "Ministry of Water"})
	must(t, err)
	h.org = o.ID
	words := i18n.NewCatalog()
	for _, err := range []error{
		words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("answer", answer.Words), words.Add("call", Words), words.Add("who", who.Words), words.Add("org", org.Words),
		words.Add("talk", talk.Words), words.Add("record", record.Words), words.Add("geo", geo.Words), words.Add("source", source.Words), words.Add("api", api.Words),
	} {
		must(t, err)
	}
	routes := &web.Routes{}
	h.routes(routes)
	h.api(api.New(d, routes, "test"))
	h.server, err = web.NewServer(web.Config{Words: words, Policy: h.policy, Sessions: h, Log: slog.New(slog.DiscardHandler), NoLimits: true, Version: func() string { return "1" }}, routes)
	must(t, err)
	return h
}

// reply is what the server answered.
type reply struct {
	code int
	body string
	to   string
}

// send asks the server as somebody, in the hall's language.
func (h *hall) send(name, method, path string, form url.Values) reply {
	h.t.Helper()
	return h.sendBody(name, method, path, "application/x-www-form-urlencoded", form.Encode(), "")
}

func (h *hall) sendBody(name, method, path, typ, body, key string) reply {
	h.t.Helper()
	h.sender = name
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", typ)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", h.lang)
	if name != "" {
		r.Header.Set("Authorization", "Bearer key")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	return reply{w.Code, w.Body.String(), w.Header().Get("Location")}
}

// wants checks what an answer says.
func (h *hall) wants(r reply, code int, words ...string) reply {
	h.t.Helper()
	if r.code != code {
		h.t.Fatalf("status %d, want %d: %s", r.code, code, main(r.body))
	}
	for _, w := range words {
		if !strings.Contains(r.body, w) {
			h.t.Errorf("the answer lacks %q: %s", w, main(r.body))
		}
	}
	return r
}

// main is what a page says.
func main(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	body = regexp.MustCompile(`<[^>]*>|\s+`).ReplaceAllString(body, " ")
	return body[:min(len(body), 1500)]
}

// call makes and publishes a call through the forms, and returns its path.
func (h *hall) call() string {
	h.t.Helper()
	form := url.Values{
		"title": {"What about water?"}, "org": {h.org}, "question": {"Tell us **what** to promise."}, "lang": {"en"}, "of": {promise.Path()},
		"closes.day": {"1"}, "closes.month": {"4"}, "closes.year": {"2026"}, "results": {"We read them on the radio"},
	}
	h.wants(h.send("ana", "POST", "/calls/new", form), 403)
	bad := url.Values{"title": {"Half a call"}, "closes.day": {"31"}, "closes.month": {"2"}, "closes.year": {"2026"}}
	h.wants(h.send("olga", "POST", "/calls/new", bad), 422, "Half a call")
	made := h.wants(h.send("olga", "POST", "/calls/new", form), 303)
	h.wants(h.send("", "GET", made.to, nil), 404)
	h.wants(h.send("olga", "POST", made.to+"/publish", url.Values{"version": {"1"}}), 303)
	slug := h.wants(h.send("", "GET", made.to, nil), 303).to
	h.wants(h.send("", "GET", slug, nil), 200, "Ministry of Water", "<strong>what</strong>", "Take part until 1 April 2026", "We read them on the radio", "Clean water by 2028")
	return slug
}

// give hands in an input by the form and returns its receipt.
func (h *hall) give(name, call string, form url.Values) string {
	h.t.Helper()
	r := h.wants(h.send(name, "POST", call+"/give", form), 200)
	m := regexp.MustCompile(`[0-9A-Z]{5}-[0-9A-Z]{5}`).FindString(r.body)
	if m == "" {
		h.t.Fatalf("no receipt: %s", main(r.body))
	}
	return m
}

func pozo(naming string) url.Values {
	return url.Values{"kind": {"problem"}, "text": {"El pozo de San Antonio está seco desde enero"}, "district": {"BZ-TOL"}, "naming": {naming}, "lang": {"es"}, "name": {"Una vecina"}, "once": {"0f8fad5b-d9cb-469f-a165-70867728950e"}}
}

// release lets anonymous inputs appear.
func (h *hall) release() {
	must(h.t, h.DB.Update(h.t.Context(), func(tx *db.Tx) error { return h.Release(h.t.Context(), tx, true) }))
}

var because = strings.TrimSpace(strings.Repeat("We will mend the pump in May because the village asked. ", 4))

// TestReceiptInSpanish is the journey of a resident in Toledo: an input in Spanish
// without an account, and months later the answer and the promise.
func TestReceiptInSpanish(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		call := h.call()
		h.lang = "es"
		h.wants(h.send("", "GET", call, nil), 200, "Participe hasta el 1 de abril de 2026", "¿Qué quiere decir?", "Distrito de Toledo")
		empty := pozo("anonymous")
		empty.Set("text", "")
		h.wants(h.send("", "POST", call+"/give", empty), 422, "BZ-TOL\" selected")
		trap := pozo("anonymous")
		trap.Set("website", "https://spam.example")
		h.wants(h.send("", "POST", call+"/give", trap), 422)
		code := h.give("", call, pozo("anonymous"))
		if again := h.give("", call, pozo("anonymous")); again != code {
			t.Errorf("the same form gave %s and %s", code, again)
		}
		h.release()
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		h.wants(h.send("", "POST", "/receipt", url.Values{"code": {typed}}), 200, "El pozo de San Antonio", "La oficina aún no lo ha leído")
		for _, bad := range []string{"00000-00000", "<x>", ""} { // one that nobody has, one that cannot be, none: told alike
			h.wants(h.send("", "POST", "/receipt", url.Values{"code": {bad}}), 422, "No encontramos nada")
		}
		h.now = h.now.AddDate(0, 4, 0)
		h.answered(call)
		h.wants(h.send("", "POST", "/receipt", url.Values{"code": {code}}), 200, "We will mend the pump", "Clean water by 2028", "/promise/", "Adoptado en parte", "/ledger/pack/input/")
		h.wants(h.send("", "POST", "/receipt/rate", url.Values{"code": {code}, "value": {"yes"}, "contest": {"Pero no"}}), 422, "Pero no")
		h.wants(h.send("", "POST", "/receipt/rate", url.Values{"code": {code}, "value": {"no"}, "contest": {"La bomba es otra"}}), 200, "La bomba es otra", "debe responder de nuevo")
		h.wants(h.send("olga", "GET", call+"/desk?state=contested", nil), 200, "La bomba es otra")
		h.wants(h.send("", "GET", "/receipt?code="+code, nil), 200, code)
	}, schemas...)
}

// answered answers all that waits on a call's desk, as olga.
func (h *hall) answered(call string) {
	h.t.Helper()
	desk := h.wants(h.send("olga", "GET", call+"/desk?state=open", nil), 200, "El pozo de San Antonio", "más de 30 días")
	m := regexp.MustCompile(`name="input" value="([^"]+)"`).FindStringSubmatch(desk.body)
	if m == nil {
		h.t.Fatalf("nothing to tick: %s", main(desk.body))
	}
	form := h.wants(h.send("olga", "POST", call+"/desk", url.Values{"do": {"answer"}, "input": {m[1]}}), 303)
	h.wants(h.send("olga", "GET", form.to, nil), 200, "El pozo de San Antonio")
	in := url.Values{"input": {m[1]}, "outcome": {"partly"}, "reason": {"Demasiado corto"}, "changed": {"https://open.example" + promise.Path()}, "lang": {"en"}}
	h.wants(h.send("olga", "POST", call+"/answer", in), 422, "Demasiado corto", "2 palabras")
	in.Set("reason", because)
	in.Set("changed", "/promise/nowhere")
	h.wants(h.send("olga", "POST", call+"/answer", in), 422, "/promise/nowhere")
	in.Set("changed", promise.Path())
	h.wants(h.send("ana", "POST", call+"/answer", in), 403)
	h.wants(h.send("olga", "POST", call+"/answer", in), 303)
	h.wants(h.send("", "GET", "/input/"+m[1], nil), 200, "We will mend the pump", "Clean water by 2028")
	h.wants(h.send("", "GET", "/api/v1/inputs/"+m[1], nil), 200, `"outcome":"partly"`, promise.Path())
	h.wants(h.send("", "GET", "/input/"+m[1]+".json", nil), 303)
}

func TestDeskInEnglish(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		call := h.call()
		h.give("ana", call, pozo("named"))
		like := pozo("named")
		like.Set("text", "El pozo de San Antonio se seca en enero")
		shown := h.wants(h.send("ana", "POST", call+"/give", like), 200, "Others said something similar", "Send mine as well")
		if strings.Contains(shown.body, "id=\"receipt\"") {
			t.Error("taken before the author has seen what is alike")
		}
		like.Set("confirm", "yes")
		h.give("ana", call, like)
		h.wants(h.send("ana", "GET", "/inputs/mine", nil), 200, "El pozo de San Antonio se seca en enero")
		h.wants(h.send("ben", "GET", call+"/desk", nil), 403)
		desk := h.wants(h.send("olga", "GET", call+"/desk?district=BZ-TOL&q=pozo", nil), 200, "2 inputs")
		m := regexp.MustCompile(`name="input" value="([^"]+)"`).FindAllStringSubmatch(desk.body, -1)
		a, b := m[0][1], m[1][1]
		h.wants(h.send("olga", "POST", call+"/desk", url.Values{"do": {"acknowledge"}, "input": {a, b}, "query": {"q=pozo"}}), 303)
		h.wants(h.send("olga", "POST", call+"/desk", url.Values{"do": {"consider"}}), 422, "Tick at least one")
		h.wants(h.send("olga", "POST", call+"/desk", url.Values{"do": {"merge"}, "input": {a}, "into": {"/input/nowhere"}}), 422, "/input/nowhere", "checked")
		h.wants(h.send("olga", "POST", call+"/desk", url.Values{"do": {"merge"}, "input": {a}, "into": {"https://open.example/input/" + b}}), 303)
		h.wants(h.send("", "GET", "/input/"+a, nil), 200, "Joined with a similar input", "/input/"+b)
		h.wants(h.send("olga", "POST", "/input/"+a+"/separate", nil), 303)
		h.wants(h.send("olga", "POST", call+"/desk", url.Values{"do": {"gather"}, "input": {a, b}, "theme_title": {"Water"}}), 303)
		page := h.wants(h.send("olga", "GET", call+"/desk", nil), 200, "Answer this theme", "Water")
		theme := regexp.MustCompile(`answer\?theme=([0-9a-f-]+)`).FindStringSubmatch(page.body)[1]
		h.wants(h.send("olga", "POST", call+"/answer", url.Values{"theme": {theme}, "outcome": {"partly"}, "reason": {because}, "lang": {"en"}}), 303)
		h.wants(h.send("", "GET", call, nil), 200, ">2</a> of <a", ">2 inputs</a> are answered.", "Adopted in part")
		h.supportAndCorrect(call, a)
	}, schemas...)
}

// supportAndCorrect goes on with an answered input.
func (h *hall) supportAndCorrect(call, in string) {
	h.t.Helper()
	h.wants(h.send("ben", "POST", "/input/"+in+"/support", url.Values{"on": {"yes"}}), 303)
	h.wants(h.send("ben", "POST", "/input/"+in+"/points", url.Values{"points": {"6"}}), 422, "from 0 to 5")
	h.wants(h.send("ben", "POST", "/input/"+in+"/points", url.Values{"points": {"5"}}), 303)
	h.wants(h.send("ben", "GET", "/input/"+in, nil), 200, "1 person supports this", "You have 0 points left", "Withdraw my support")
	work := h.wants(h.send("olga", "GET", "/input/"+in, nil), 200)
	fix := regexp.MustCompile(`/reply/[0-9a-f-]+`).FindString(work.body)
	h.wants(h.send("olga", "GET", fix, nil), 200, "We will mend the pump")
	form := url.Values{"outcome": {"deferred"}, "reason": {because + " Not this year."}, "lang": {"en"}, "version": {"1"}}
	h.wants(h.send("olga", "POST", fix, form), 303)
	h.wants(h.send("olga", "POST", fix, form), 409, "Somebody else saved this meanwhile", "Not this year")
	h.wants(h.send("", "GET", "/input/"+in, nil), 200, "1 earlier version of the answer")
	h.wants(h.send("mia", "POST", "/input/"+in+"/hide", url.Values{"why": {""}}), 422)
	h.wants(h.send("mia", "POST", "/input/"+in+"/hide", url.Values{"why": {"Rule 2: a private address"}}), 303)
	h.wants(h.send("", "GET", "/input/"+in, nil), 410, "Rule 2: a private address")
	rows, err := csv.NewReader(strings.NewReader(h.wants(h.send("", "GET", call+"/inputs.csv", nil), 200).body)).ReadAll()
	if err != nil || len(rows) != 2 || strings.Contains(strings.Join(rows[1], " "), "ana") || rows[1][10] != "deferred" {
		h.t.Errorf("table: %v %v", rows, err)
	}
}

func TestSheetOnPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		call := h.call()
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		part, err := w.CreateFormFile("file", "mesa.csv")
		must(t, err)
		part.Write([]byte("text,district,tel\nThe well is dry,Toledo,1\n,Toledo,2\nThe road floods,Cayo,3\n"))
		w.WriteField("channel", "roundtable")
		must(t, w.Close())
		h.wants(h.send("ana", "GET", call+"/sheets", nil), 403)
		h.wants(h.send("olga", "POST", call+"/sheets", url.Values{"channel": {"paper"}}), 422)
		put := h.wants(h.sendBody("olga", "POST", call+"/sheets", w.FormDataContentType(), b.String(), ""), 303)
		h.wants(h.send("olga", "GET", put.to, nil), 200, "3 rows; 1 cannot be taken", "The well is dry", "left out: tel", "Bring in 2 rows")
		h.wants(h.send("olga", "GET", put.to+"/bad.csv", nil), 200, "row,problem,text,district,tel", "\n3,")
		h.wants(h.send("olga", "POST", put.to+"/take", nil), 303)
		h.wants(h.send("olga", "GET", put.to, nil), 200, "2 rows were taken in")
		h.wants(h.send("ana", "POST", put.to+"/receipts", nil), 403)
		h.wants(h.send("olga", "POST", put.to+"/receipts", nil), 200, "https://open.example/receipt?code=")
		h.wants(h.send("olga", "POST", put.to+"/receipts", nil), 410)
		h.wants(h.send("", "GET", call, nil), 200, "The road floods")
	}, schemas...)
}

// letters keeps what is sent.
type letters struct{ sent []who.Mail }

func (l *letters) Send(_ context.Context, _ *db.Tx, m who.Mail) error {
	l.sent = append(l.sent, m)
	return nil
}

func TestReceiptByMail(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, post := newHall(t, d), &letters{}
		h.Mailer = func() who.Mailer { return post }
		call := h.call()
		h.wants(h.send("ana", "POST", call+"/give", pozo("anonymous")), 200, "Send it to my e-mail")
		form := url.Values{"code": {h.give("ana", call, pozo("anonymous"))}}
		h.wants(h.send("", "POST", "/receipt/send", form), 401)
		h.wants(h.send("ana", "POST", "/receipt/send", form), 404) // there is no such account
		must(t, d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO person (id, name, email, email_key, lang, level, district, state, demo, created_at, version)
				VALUES ('ana', 'Ana', 'ana@example.org', 'ana@example.org', 'en', 1, 'BZ-TOL', 'active', FALSE, 0, 1)`)
			return err
		}))
		h.wants(h.send("ana", "POST", "/receipt/send", form), 303)
		if len(post.sent) != 1 || post.sent[0].To != "ana@example.org" || post.sent[0].Args[1] != form.Get("code") {
			t.Errorf("sent: %+v", post.sent)
		}
	}, schemas...)
}

func TestCallsAreExported(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		h.give("ana", h.call(), pozo("named"))
		files := map[string]*file{}
		must(t, h.export(t.Context(), func(name string) (module.Writer, error) { files[name] = &file{}; return files[name], nil }))
		inputs := files["calls/what-about-water/inputs.csv"].String()
		if !strings.Contains(inputs, "El pozo de San Antonio") || strings.Contains(inputs, "ana,") || !strings.Contains(files["calls/what-about-water/call.json"].String(), `"announced": [`) {
			t.Errorf("exported: %v", files)
		}
	}, schemas...)
}

// file is a file of an export.
type file struct{ bytes.Buffer }

// Close ends the file.
func (*file) Close() error { return nil }

func TestInputAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		path := "/api/v1/calls/" + strings.TrimPrefix(h.call(), "/call/")
		for _, naming := range []string{"anonymous", "pseudonym"} {
			body := `{"kind":"idea","text":"A ` + naming + ` word","naming":"` + naming + `","name":"N"}`
			one := h.wants(h.sendBody("", "POST", path+"/inputs", "application/json", body, "a-key-that-is-long-"+naming), 201, `"receipt"`)
			two := h.wants(h.sendBody("", "POST", path+"/inputs", "application/json", body, "a-key-that-is-long-"+naming), 201)
			if one.body != two.body {
				t.Errorf("%s: %s, then %s", naming, one.body, two.body)
			}
		}
		h.wants(h.sendBody("", "POST", path+"/inputs", "application/json", `{"kind":"idea","text":"A word"}`, "1"), 422)
		h.release()
		list := h.wants(h.send("", "GET", path+"/inputs", nil), 200)
		var got struct{ Inputs []InputBody }
		must(t, json.Unmarshal([]byte(list.body), &got))
		if len(got.Inputs) != 2 {
			t.Fatalf("inputs: %s", list.body)
		}
		id := got.Inputs[0].ID
		reply := `{"inputs":["` + id + `"],"outcome":"adopted","reason":"As it stands."}`
		h.wants(h.sendBody("ana", "POST", path+"/replies", "application/json", reply, ""), 403)
		h.wants(h.sendBody("olga", "POST", path+"/replies", "application/json", reply, "r"), 201, `"outcome":"adopted"`)
		h.wants(h.sendBody("olga", "POST", path+"/merge", "application/json", `{"inputs":["`+got.Inputs[1].ID+`"],"into":"`+id+`"}`, "m"), 200, `"merged":1`)
		h.wants(h.sendBody("ben", "POST", "/api/v1/inputs/"+id+"/support", "application/json", `{"on":true}`, ""), 200, `"supports":1`)
		h.wants(h.send("", "GET", path, nil), 200, `"answered":2`, `"announced":[{`)
	}, schemas...)
}
