package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"ceiba/internal/face/ui"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// flash is a sentence that the next page shows once. It travels in a cookie of
// a minute as a key and its values, never as text, so that nobody can put words
// into the site's mouth beyond its own.
type flash struct {
	Tone ui.Tone `json:"t"`
	Key  string  `json:"k"`
	Args []any   `json:"a,omitempty"`
}

const flashCookie = "ceiba_flash"

// Flash has the next page say a sentence: "Saved."
func Flash(w http.ResponseWriter, tone ui.Tone, key string, args ...any) {
	b, err := json.Marshal(flash{tone, key, args})
	if err != nil {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString(b), Path: "/",
		MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func takeFlash(w http.ResponseWriter, r *http.Request) *ui.Notice {
	c, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	var f flash
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(b) > 2000 || json.Unmarshal(b, &f) != nil || !i18n.Has(r.Context(), f.Key) {
		return nil
	}
	return &ui.Notice{Tone: f.Tone, Text: i18n.T(r.Context(), f.Key, f.Args...)}
}

// ProveAgain reports whether err asks the actor to show once more who they are,
// and if so sends them to do that and then back to a page.
func ProveAgain(w http.ResponseWriter, r *http.Request, err error, back string) bool {
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != "who.prove_again" && f.Key != "who.second_factor_first" {
		return false
	}
	Flash(w, ui.Attention, f.Key)
	Redirect(w, r, "/sign-in?again=1&next="+url.QueryEscape(back))
	return true
}
