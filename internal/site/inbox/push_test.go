package inbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/notify"
)

const browsers = "/account/notifications/browsers"

// subscription is what a browser's PushSubscription says as JSON.
func subscription(endpoint string) string {
	return `{"endpoint":"` + endpoint + `","expirationTime":null,"keys":{"p256dh":"` + strings.Repeat("B", 86) + `A","auth":"` + strings.Repeat("A", 22) + `"}}`
}

// subscribe posts as the page's script does.
func (s *site) subscribe(as, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest("POST", "http://open.example"+browsers, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0")
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie(false), Value: as})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	return w
}

func TestBrowsers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d)
		w := s.subscribe("ann", subscription("https://push.example/1"))
		if w.Code != 204 || len(w.Result().Cookies()) != 1 {
			t.Fatalf("a browser: %d, cookies %v", w.Code, w.Result().Cookies())
		}
		s.subscribe("ann", subscription("https://push.example/1"))
		text := s.want("ann", "/account/notifications", "Firefox, Android")
		if n := strings.Count(text, "Firefox, Android"); n != 1 {
			t.Errorf("the same browser is listed %d times", n)
		}
		remove := regexp.MustCompile(browsers + `/[^"]+/remove`).FindString(text)
		s.send("bob", "POST", remove, url.Values{})
		s.want("ann", "/account/notifications", "Firefox, Android")
		s.send("ann", "POST", remove, url.Values{})
		s.want("ann", "/account/notifications", "No browser rings")

		// Who uses the browser last is told, and nobody else.
		s.subscribe("ann", subscription("https://push.example/1"))
		s.subscribe("bob", subscription("https://push.example/1"))
		s.want("ann", "/account/notifications", "No browser rings")
		s.want("bob", "/account/notifications", "Firefox, Android")
	}, schemas...)
}

// TestBrowsersRefused sends what no browser would, and as whom none may.
func TestBrowsersRefused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d)
		good := subscription("https://push.example/1")
		for name, x := range map[string]struct {
			as, body string
			status   int
			says     string
		}{
			"nobody":      {"", good, 401, ""},
			"no JSON":     {"ann", "{", 400, "This browser"},
			"a list":      {"ann", "[]", 400, "This browser"},
			"nothing":     {"ann", "{}", 422, "address"},
			"no keys":     {"ann", `{"endpoint":"https://push.example/1"}`, 422, "This browser"},
			"short key":   {"ann", strings.Replace(good, "BBBB", "", 1), 422, "This browser"},
			"short auth":  {"ann", strings.Replace(good, "AAAA", "", 1), 422, "This browser"},
			"not base64":  {"ann", strings.Replace(good, "BBBB", "****", 1), 422, "This browser"},
			"no https":    {"ann", subscription("ftp://push.example/1"), 422, "address"},
			"inside":      {"ann", subscription("https://169.254.169.254/1"), 422, ""},
			"long":        {"ann", subscription("https://push.example/" + strings.Repeat("x", 2000)), 422, "address"},
			"far too big": {"ann", subscription("https://push.example/" + strings.Repeat("x", 9000)), 413, ""},
		} {
			w := s.subscribe(x.as, x.body)
			var problem struct{ Detail string }
			if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
				t.Errorf("%s: %v: %s", name, err, w.Body)
			}
			if w.Code != x.status || problem.Detail == "" || !strings.Contains(problem.Detail, x.says) {
				t.Errorf("%s: %d %q, want %d and %q", name, w.Code, problem.Detail, x.status, x.says)
			}
		}
		if w := s.subscribe("ann", good, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); w.Code != 403 {
			t.Errorf("from another site: %d", w.Code)
		}
		s.want("ann", "/account/notifications", "No browser rings")
	}, schemas...)
}

// TestPushButton looks at what the page gives its script.
func TestPushButton(t *testing.T) {
	s := open(t)
	if text := s.want("ann", "/account/notifications"); strings.Contains(text, "push.js") || strings.Contains(text, "Tell me on this device") {
		t.Error("a site without a key offers to ring")
	}
	s.notify.Vapid = &notify.Vapid{Public: "the-public-key", Private: "the-private-key"}
	s.subscribe("ann", subscription("https://push.example/1"))
	// The digest is what a browser computes: printf %s https://push.example/1 | openssl dgst -sha256 -binary | basenc --base64url
	text := s.want("ann", "/account/notifications", `data-key="the-public-key"`, `data-worker="/sw.js"`, `data-to="`+browsers+`"`, "push.js?v=",
		"Tell me on this device", "you need a browser that", `data-listed="W6Ff_5ZfRK-lWqT6TVK5SwuoY4ChYQid3Km50IvvnvY"`)
	if strings.Contains(text, "the-private-key") || strings.Contains(text, "push.example") {
		t.Error("the page shows what lets others ring")
	}
	s.want("ann", "/account/notifications?lang=es", "Avisarme en este dispositivo", "Permita las notificaciones")
}

func TestWorker(t *testing.T) {
	s := open(t)
	for lang, says := range map[string]string{"en": "There is something new in your inbox.", "es": "Hay algo nuevo en su bandeja de entrada."} {
		res, text := s.send("", "GET", "/sw.js", nil, "Accept-Language", lang)
		h := res.Header
		if res.StatusCode != 200 || h.Get("Content-Type") != "text/javascript; charset=utf-8" || h.Get("Cache-Control") != "no-cache" {
			t.Errorf("%d %v", res.StatusCode, h)
		}
		if vary := strings.Join(h.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Language") || !strings.Contains(vary, "Cookie") {
			t.Errorf("the words are the reader's, and Vary is %q", vary)
		}
		if !strings.Contains(h.Get("Content-Security-Policy"), "worker-src 'self'") {
			t.Errorf("pages may not start it: %s", h.Get("Content-Security-Policy"))
		}
		if !strings.HasPrefix(text, "self.fallback={") || !strings.Contains(text, says) || !strings.Contains(text, "notificationclick") {
			t.Errorf("%s: %.200s", lang, text)
		}
		if strings.Contains(text, `"fetch"`) || strings.Contains(text, "caches") {
			t.Error("requests of pages go through the worker")
		}
	}
}
