package app

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ceiba/internal/service/i18n"
)

// TestDaysEndAtMidnightInBelize turns the clock through an evening on which it is
// tomorrow in UTC already (Belize is at UTC-6, all year): a call whose last day it
// is stays open until the last minute, the requirements know today and not
// tomorrow, and the pages say the day that people have.
func TestDaysEndAtMidnightInBelize(t *testing.T) {
	h := openHouse(t, storeIn(t))
	y, m, d := time.Now().In(i18n.Belize).AddDate(0, 0, 1).Date()
	at := func(hour, minute int) time.Time { return time.Date(y, m, d, hour, minute, 0, 0, i18n.Belize) }
	clock := func(now time.Time) { h.DB.SetClock(func() time.Time { return now }) }
	today, tomorrow := at(12, 0).Format(time.DateOnly), at(36, 0).Format(time.DateOnly)
	words := i18n.From(t.Context()).Date(at(12, 0))
	plan := h.one(`SELECT id FROM plan WHERE title LIKE 'Demonstration: a plan that is being kept'`)
	requirements := func(on string) gateReply { return h.get(h.as("nobody"), "/api/v1/plans/"+plan+"/requirements"+on) }

	clock(at(18, 30))
	if day := at(18, 30).UTC().Format(time.DateOnly); day != tomorrow {
		t.Fatalf("%s is no day of UTC's own: the test shows nothing", day)
	}
	v := h.fresh("editor")
	call := between(t, h.post(v, "/calls/new", url.Values{
		"title": {"The last day"}, "org": {h.org}, "question": {"Still open?"}, "lang": {"en"},
		"closes.day": {strconv.Itoa(d)}, "closes.month": {strconv.Itoa(int(m))}, "closes.year": {strconv.Itoa(y)},
	}), "/call/", "")
	if r := h.post(v, "/call/"+call+"/publish", url.Values{"version": {"1"}}); r.status != 303 {
		t.Fatalf("publishing on the last day: %d %s", r.status, alerts(r.body))
	}
	give := func(text string) int {
		return h.post(h.as("nobody"), "/call/"+call+"/give", url.Values{"kind": {"idea"}, "text": {text}, "naming": {"pseudonym"}, "name": {"Late"}, "lang": {"en"}}).status
	}
	for _, now := range []time.Time{at(18, 30), at(23, 59)} {
		clock(now)
		if status := give("At " + now.Format("15:04")); status != 303 && status != 200 {
			t.Errorf("an input at %s of the last day: %d", now.Format("15:04"), status)
		}
		if r := h.get(h.as("nobody"), "/call/the-last-day"); !strings.Contains(r.body, words) {
			t.Errorf("at %s the page does not say %q", now.Format("15:04"), words)
		}
		if r := requirements(""); !strings.Contains(r.body, `"on":"`+today+`"`) {
			t.Errorf("at %s the requirements are as of another day: %.80s", now.Format("15:04"), r.body)
		}
		if r := requirements("?on=" + tomorrow); r.status != 422 {
			t.Errorf("at %s the requirements answer for tomorrow: %d", now.Format("15:04"), r.status)
		}
	}
	clock(at(24, 1))
	if status := give("Too late"); status == 303 || status == 200 {
		t.Errorf("an input a minute after the last day: %d", status)
	}
	if r := requirements(""); !strings.Contains(r.body, `"on":"`+tomorrow+`"`) {
		t.Errorf("a minute after midnight: %.80s", r.body)
	}
}
