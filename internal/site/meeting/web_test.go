package meetingsite

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// hall serves the pages of the meetings of one organisation.
type hall struct {
	*Pages
	t      *testing.T
	policy *who.Policy
	server *web.Server
	at     time.Time
	now    string // who sends requests
	org    string
}

func (h *hall) as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	if name == "clerk" {
		a.Grants = []who.Grant{{Role: who.Official, Org: h.org}}
	}
	if name == "" {
		return who.Nobody(h.policy)
	}
	return who.As(h.policy, a)
}

// Session and Key make a hall the sessions of its server.
func (h *hall) Session(context.Context, string) (who.Actor, error) { return h.as(h.now), nil }
func (h *hall) Key(context.Context, string) (who.Actor, error)     { return h.as(h.now), nil }

func newHall(t *testing.T, d *db.DB) *hall {
	t.Helper()
	h := &hall{t: t, policy: who.MustPolicy(append(append(meeting.Rules, record.Rules...), org.Rules...)...), at: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)}
	kinds, err := record.NewRegistry(org.Record, meeting.Record)
	h.ok(err)
	book := &meeting.Book{DB: d, Kinds: func() *record.Registry { return kinds }, Base: func() string { return "https://open.example" }}
	h.Pages = &Pages{Book: book, DB: d}
	d.SetClock(func() time.Time { return h.at })
	o, err := org.Create(t.Context(), d, who.System(h.policy, "test"), org.Change{Kind: org.National, Name: "Ministry of Tests"})
	h.ok(err)
	h.org = o.ID
	words := i18n.NewCatalog()
	for _, err := range []error{
		words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("who", who.Words), words.Add("talk", talk.Words), words.Add("geo", geo.Words),
		words.Add("record", record.Words), words.Add("org", org.Words), words.Add("meeting", meeting.Words), words.Add("meetings", Words),
	} {
		h.ok(err)
	}
	routes := &web.Routes{}
	h.routes(routes)
	h.api(api.New(d, routes, "test"))
	h.server, err = web.NewServer(web.Config{Words: words, Policy: h.policy, Sessions: h, Log: slog.New(slog.DiscardHandler), Version: func() string { return "1" }}, routes)
	h.ok(err)
	return h
}

func (h *hall) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// send returns status, body and where the answer leads.
func (h *hall) send(name, method, path, typ, body string) (int, string, string) {
	h.now = name
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", typ)
	r.Header.Set("Accept", "text/html")
	if name != "" {
		r.Header.Set("Authorization", "Bearer key")
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

func (h *hall) get(name, path string) (int, string) {
	code, text, to := h.send(name, "GET", path, "", "")
	if code == 301 {
		code, text, _ = h.send(name, "GET", to, "", "")
	}
	return code, text
}

// post sends a form and wants a status, and words in the answer.
func (h *hall) post(name, path string, form url.Values, want int, words ...string) string {
	h.t.Helper()
	code, text, to := h.send(name, "POST", path, "application/x-www-form-urlencoded", form.Encode())
	if code != want {
		h.t.Errorf("POST %s as %s: %d, want %d\n%.900s", path, name, code, want, text[max(0, strings.Index(text, "<main")):])
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			h.t.Errorf("POST %s as %s lacks %q", path, name, w)
		}
	}
	return to
}

func (h *hall) sees(name, path string, words ...string) {
	h.t.Helper()
	code, text := h.get(name, path)
	for _, w := range words {
		if not, ok := strings.CutPrefix(w, "!"); ok && strings.Contains(text, not) || !ok && !strings.Contains(text, w) {
			h.t.Errorf("%s as %q: %s", path, name, w)
		}
	}
	if code != 200 {
		h.t.Errorf("%s as %q: %d\n%.500s", path, name, code, text)
	}
}

func notice(h *hall) url.Values {
	return url.Values{
		"of": {"organisation:" + h.org}, "title": {"Open day"}, "purpose": {"outreach"}, "day.day": {"20"}, "day.month": {"3"}, "day.year": {"2026"}, "from": {"9:30"}, "to": {"11:00"},
		"venue": {"Town hall"}, "district": {"BZ-CY"}, "link": {"https://meet.example/zqx"}, "guests": {"yes"}, "capacity": {"5"}, "lang": {"en"}, "notice": {"Bring <b>maps</b>"},
	}
}

func TestMeetingPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		h.sees("", "/meetings", "No meetings here")
		h.post("zoe", "/meetings", notice(h), 403)
		bad := notice(h)
		bad.Set("from", "noon")
		h.post("clerk", "/meetings", bad, 422, "noon", "Bring &lt;b&gt;maps")
		to := h.post("clerk", "/meetings", notice(h), 303)
		page := strings.TrimSuffix(to, "/agenda")
		h.post("clerk", to, url.Values{"version": {"1"}, "title.0": {"Roads"}, "minutes.0": {"x"}}, 422, "Roads")
		h.post("clerk", to, url.Values{"version": {"1"}, "title.0": {"Roads"}, "minutes.0": {"30"}, "about.0": {"/organisation/ministry-of-tests"}}, 303)
		code, _, slug := h.send("", "GET", page, "", "")
		if code != 301 || slug != "/meeting/open-day-2026-03-20" {
			t.Errorf("address: %d %s", code, slug)
		}
		h.sees("", slug, "20 March 2026, 09:30 to 11:00", "Roads", "19 days with agenda", "Sign in to register", "!meet.example", "!Add somebody")
		h.sees("", "/meetings?district=BZ-CY&purpose=outreach", "Open day", "Ministry of Tests")
		h.sees("", "/meetings?when=past", "No meetings here")
		h.sees("", page+".ics", "SUMMARY:Open day", "DTSTART:20260320T153000Z", "!zqx")
		h.sees("", "/meetings.ics?district=BZ-CY", "BEGIN:VEVENT")
		h.sees("", "/meetings.ics?district=BZ-BZ", "!BEGIN:VEVENT")
		h.sees("", "/api/v1/meetings/open-day-2026-03-20", `"state":"announced"`, "!zqx")
		h.sees("", "/api/v1/meetings?district=BZ-CY", `"title":"Open day"`)
		h.sees("clerk", page, "zqx")
		for _, form := range []string{"edit", "agenda", "people", "attendance", "record", "minutes"} {
			if code, _ := h.get("zoe", page+"/"+form); code != 403 {
				t.Errorf("a stranger opens %s: %d", form, code)
			}
			h.sees("clerk", page+"/"+form, "<form")
		}
		h.changed(page)
		h.came(page)
		h.said(page)
	}, activity.Schema, job.Schema, who.Schema, org.Schema, record.Schema, api.Schema, meeting.Schema)
}

// changed registers guests, edits, and shows both texts to who comes too late.
func (h *hall) changed(page string) {
	h.post("ann", page+"/register", url.Values{}, 422, "Take a place")
	h.post("ann", page+"/register", url.Values{"sector": {"media"}}, 303)
	h.sees("ann", page, "zqx", "I cannot come")
	late := notice(h)
	late.Set("version", "1")
	late.Set("venue", "Another hall")
	h.post("clerk", page+"/edit", late, 409, "Another hall", "Town hall")
	late.Set("version", "2")
	h.post("clerk", page+"/edit", late, 303)
	h.post("clerk", page+"/people", url.Values{"name": {"A farmers' group"}, "sector": {""}}, 422, "A farmers&#39; group")
	h.post("clerk", page+"/people", url.Values{"name": {"A farmers' group"}, "sector": {"civil_society"}}, 303)
	h.sees("clerk", page+"/people", "farmers", "Has a place")
	h.sees("", page, "farmers", "!Has a place")
}

// came ticks the list, by form and by API, and notes that the meeting was held.
func (h *hall) came(page string) {
	h.at = time.Date(2026, 3, 20, 15, 40, 0, 0, time.UTC)
	h.sees("clerk", page+"/attendance", "Code: ")
	h.post("ann", page+"/check-in", url.Values{"code": {"WRONG"}}, 422, "WRONG")
	var subject string
	h.ok(h.DB.View(h.t.Context(), func(tx *db.Tx) error {
		list, err := meeting.InvitedTo(h.t.Context(), tx, strings.TrimPrefix(page, "/meeting/"))
		subject = list[0].ID
		return err
	}))
	h.post("clerk", page+"/held", url.Values{}, 409, "Note first who came")
	h.post("clerk", page+"/attendance", url.Values{"on_list": {subject}, "state." + subject: {"here"}, "name": {"A visitor"}, "sector": {"x"}, "part": {"observer"}, "mode": {"person"}}, 422, "A visitor", "checked")
	h.post("clerk", page+"/attendance", url.Values{"on_list": {subject}, "state." + subject: {"here", "online"}}, 303)
	api := `{"attendance":[{"name":"A visitor","sector":"media","part":"observer","present":true}]}`
	for name, want := range map[string]int{"zoe": 403, "clerk": 200} {
		if code, text, _ := h.send(name, "POST", "/api/v1/meetings/"+strings.TrimPrefix(page, "/meeting/")+"/attendance", "application/json", api); code != want {
			h.t.Errorf("attendance by API as %s: %d %s", name, code, text)
		}
	}
	h.post("clerk", page+"/held", url.Values{}, 303)
	h.sees("", page, "It was quorate", "1 other person came", "!A visitor", "Online")
}

// said records what was shown, said, minuted and agreed.
func (h *hall) said(page string) {
	of := "organisation:" + h.org
	h.post("clerk", page+"/present", url.Values{"about": {"/nowhere/at-all"}}, 422, "/nowhere/at-all")
	h.post("clerk", page+"/present", url.Values{"about": {"/organisation/ministry-of-tests"}, "text": {"Half is done"}}, 303)
	h.post("clerk", page+"/collect", url.Values{"text": {"Too slow"}}, 422, "Too slow")
	h.post("clerk", page+"/collect", url.Values{"text": {"Too slow"}, "sector": {"media"}}, 303)
	h.post("clerk", page+"/agree", url.Values{"action": {"Mend it"}, "owner": {"Works"}, "due.day": {"1"}, "due.month": {"5"}, "due.year": {"2026"}}, 303)
	h.post("clerk", page+"/minutes", url.Values{"minutes": {"We **met**."}, "seen": {"0"}}, 303)
	h.post("clerk", page+"/minutes", url.Values{"minutes": {"We met twice."}, "seen": {"0"}}, 409, "We met twice.", "We **met**.")
	h.sees("", page, "Half is done", "Too slow", "Mend it", "!We met", "!<strong>met</strong>")
	h.post("zoe", page+"/remark", url.Values{"remark": {"But"}}, 403)
	h.post("clerk", page+"/remark", url.Values{"remark": {""}}, 422)
	h.post("clerk", page+"/publish", url.Values{}, 409, "Members may still send remarks")
	h.at = h.at.AddDate(0, 0, 9)
	h.post("clerk", page+"/publish", url.Values{}, 303)
	h.post("clerk", page+"/correct", url.Values{"correction": {"It was once"}}, 303)
	h.sees("", page, "<strong>met</strong>", "It was once")
	h.sees("clerk", "/meetings/actions?of="+of, "Mend it", "/meetings/action/")
	h.sees("", "/meetings/actions?of="+of, "Mend it", "!/meetings/action/")
	if code, _ := h.get("", "/meetings/actions?of=nothing"); code != 404 {
		h.t.Errorf("actions of nothing: %d", code)
	}
}
