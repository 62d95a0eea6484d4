package inbox

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/contact"
	assets "ceiba/web"
)

// workerPath is the address of the service worker. It lies at the root, as a
// worker may serve only what lies below its own folder.
const workerPath = "/sw.js"

// worker sends the service worker, and before it what it shows for a message
// that it cannot read: words in the reader's language, which it can ask nobody
// for when a message comes.
func (p *Pages) worker(w http.ResponseWriter, r *http.Request) error {
	script, err := fs.ReadFile(assets.Files(), "sw.js")
	if err != nil {
		return err
	}
	fallback, err := json.Marshal(map[string]string{
		"title": p.Notify().Site, "body": i18n.T(r.Context(), "inbox.push.fallback"), "url": "/inbox", "tag": "inbox",
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language, Cookie")
	_, err = w.Write(append([]byte("self.fallback="+string(fallback)+";\n"), script...))
	return err
}

// subscribe takes a browser's subscription as its script sends it.
func (p *Pages) subscribe(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var b notify.Browser
	if err := json.Unmarshal(body, &b); err != nil {
		return fault.New(fault.Malformed, "notify.bad_browser").Wrap(err)
	}
	if err := p.Notify().Subscribe(r.Context(), who.From(r.Context()), b, contact.Device(r.UserAgent())); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "inbox.browser.added") // for the page, which its script asks for anew
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (p *Pages) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	if err := p.Notify().RemoveDevice(r.Context(), who.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "inbox.browser.removed")
	web.Redirect(w, r, "/account/notifications")
	return nil
}
