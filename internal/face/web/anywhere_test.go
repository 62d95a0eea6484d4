package web_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// sessions knows everybody who shows anything, so that a route that looks is
// found out.
type sessions struct{ policy *who.Policy }

func (s sessions) Session(context.Context, string) (who.Actor, error) {
	return who.As(s.policy, who.Actor{ID: "p1", Name: "by session"}), nil
}

func (s sessions) Key(context.Context, string) (who.Actor, error) {
	return who.As(s.policy, who.Actor{ID: "p1", Name: "by key", Key: "k"}), nil
}

func serverOf(t *testing.T, routes *web.Routes) (*web.Server, error) {
	t.Helper()
	words := i18n.NewCatalog()
	for name, files := range map[string]fs.FS{"web": web.Words, "ui": ui.Words, "who": who.Words} {
		if err := words.Add(name, files); err != nil {
			t.Fatal(err)
		}
	}
	policy := who.MustPolicy()
	return web.NewServer(web.Config{Words: words, Policy: policy, Sessions: sessions{policy}, Log: slog.New(slog.DiscardHandler)}, routes)
}

// tell writes who a handler thinks it serves, and what it could read besides.
func tell(w http.ResponseWriter, r *http.Request) error {
	_, err := io.WriteString(w, who.From(r.Context()).Name+"|"+web.SessionToken(r)+"|"+r.Header.Get("Authorization")+"|"+r.Header.Get("Cookie"))
	return err
}

// TestFromAnywhere sends what a browser sends on behalf of another site, and
// what a mail program does, with every credential there is.
func TestFromAnywhere(t *testing.T) {
	routes := &web.Routes{}
	routes.Get("/stop/{token}", web.Public, tell)
	routes.Post("/stop/{token}", web.Public, tell, web.FromAnywhere)
	routes.Post("/form", web.Public, tell)
	s, err := serverOf(t, routes)
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path string, headers ...string) (int, string) {
		r := httptest.NewRequest(method, "http://open.example"+path, strings.NewReader("List-Unsubscribe=One-Click"))
		r.Header.Set("Cookie", "ceiba_dev=token")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	cross := []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://mail.example"}
	if code, said := send("POST", "/stop/x", cross...); code != 200 || said != "|||" {
		t.Errorf("from another site: %d %q", code, said)
	}
	if code, said := send("POST", "/stop/x", "Authorization", "Bearer key", "X-Ceiba-Key", "key"); code != 200 || said != "|||" {
		t.Errorf("with a key: %d %q", code, said)
	}
	if code, said := send("GET", "/stop/x"); code != 200 || said != "by session|token||ceiba_dev=token" {
		t.Errorf("the page beside it: %d %q", code, said)
	}
	if code, _ := send("POST", "/form", cross...); code != 403 {
		t.Errorf("a plain form from another site: %d", code)
	}
	if code, said := send("POST", "/form", "Sec-Fetch-Site", "same-origin"); code != 200 || !strings.HasPrefix(said, "by session|token") {
		t.Errorf("a plain form from this site: %d %q", code, said)
	}
}

func TestFromAnywhereNeedsPublic(t *testing.T) {
	routes := &web.Routes{}
	routes.Post("/stop", web.SignedIn, tell, web.FromAnywhere)
	if _, err := serverOf(t, routes); err == nil {
		t.Error("a route that asks for a session and drops it was taken")
	}
}
