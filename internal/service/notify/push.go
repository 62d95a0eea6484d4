package notify

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	webpush "github.com/SherClockHolmes/webpush-go"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// Vapid are the keys by which push services know this site (RFC 8292). Browsers
// are bound to them: losing them ends every subscription.
type Vapid struct {
	Public  string `json:"public"` // what a page gives to the browser, base64url
	Private string `json:"private"`
	Contact string `json:"-"` // "mailto:…" or an https address, for the push services
}

// LoadVapid reads the keys from a file, and makes them at the first start. The
// file lies in the data folder, outside the database and its backups, and is
// the same on every node.
func LoadVapid(path, contact string) (*Vapid, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeVapid(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	v := &Vapid{Contact: contact}
	if err := json.Unmarshal(text, v); err != nil || v.Public == "" || v.Private == "" {
		return nil, fmt.Errorf("%s does not hold the keys for web push: restore it from a copy, or remove it to make new ones, "+
			"which ends every subscription", path)
	}
	return v, nil
}

// makeVapid writes new keys whole or not at all.
func makeVapid(path string) error {
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(Vapid{Public: public, Private: private}, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".vapid-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path) // fails if another process was first
}

// Browser is a subscription as the browser gives it (PushSubscription.toJSON).
type Browser struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

func (b Browser) check(s *Store) error {
	if err := s.Outbound.CheckURL(b.Endpoint); err != nil {
		return err
	}
	if !strings.HasPrefix(b.Endpoint, "https://") && len(s.Outbound.Allow) == 0 {
		return fault.New(fault.Invalid, "notify.bad_browser")
	}
	for text, size := range map[string]int{b.Keys.P256dh: 65, b.Keys.Auth: 16} {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil || len(raw) != size {
			return fault.New(fault.Invalid, "notify.bad_browser")
		}
	}
	return nil
}

// maxBrowsers is how many browsers one person may have; the oldest goes.
const maxBrowsers = 10

// Subscribe has a browser of the actor ring. The same browser again is no second
// one, and passes to whoever signs in on it.
func (s *Store) Subscribe(ctx context.Context, actor who.Actor, b Browser, agent string) error {
	if !actor.SignedIn() {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	if err := b.check(s); err != nil {
		return err
	}
	keys, err := json.Marshal(b.Keys)
	if err != nil {
		return err
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO notify_push (id, person, endpoint, keys, agent, created_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (endpoint) DO UPDATE SET person = excluded.person, keys = excluded.keys, agent = excluded.agent`,
			id.New(tx.Now), actor.ID, b.Endpoint, s.sealed(keys), oneLine(agent), db.Time{Time: tx.Now}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM notify_push WHERE person = $1 AND id NOT IN
			(SELECT id FROM notify_push WHERE person = $1 ORDER BY id DESC LIMIT $2)`, actor.ID, maxBrowsers)
		return err
	})
}

// Unsubscribe ends the ringing of a browser of the actor.
func (s *Store) Unsubscribe(ctx context.Context, actor who.Actor, endpoint string) error {
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM notify_push WHERE person = $1 AND endpoint = $2`, actor.ID, endpoint)
		return err
	})
}

// ring is what a browser is told, and shows.
type ringing struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	URL   string `json:"url"`
	Tag   string `json:"tag"` // a later one with the same tag takes its place
}

// push sends a window to one browser.
func (s *Store) push(ctx context.Context, r *job.Run) error {
	var a sending
	if err := r.Args(&a); err != nil {
		return err
	}
	sub, text, err := s.ringingOf(ctx, a)
	if gone(err) || err == nil && text == nil {
		return nil
	}
	if err != nil {
		return err
	}
	res, err := webpush.SendNotificationWithContext(ctx, text, sub, &webpush.Options{
		HTTPClient: s.client, Subscriber: strings.TrimPrefix(s.Vapid.Contact, "mailto:"), TTL: 24 * 3600, Urgency: webpush.UrgencyNormal,
		Topic:          strings.ReplaceAll(a.Window, "-", "")[:32],
		VAPIDPublicKey: s.Vapid.Public, VAPIDPrivateKey: s.Vapid.Private,
	})
	if err != nil {
		return err
	}
	io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return s.DB.Update(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM notify_push WHERE id = $1`, a.Push)
			return err
		})
	case res.StatusCode >= 300:
		return fmt.Errorf("push service: %s", res.Status)
	}
	return nil
}

// ringingOf writes what a browser is told of a window; nil text is nothing.
func (s *Store) ringingOf(ctx context.Context, a sending) (sub *webpush.Subscription, text []byte, err error) {
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		type row struct{ person, endpoint, keys string }
		b, err := db.Get(ctx, tx, func(r *row) []any { return []any{&r.person, &r.endpoint, &r.keys} },
			`SELECT person, endpoint, keys FROM notify_push WHERE id = $1`, a.Push)
		if err != nil {
			return err
		}
		keys, err := s.unsealed(b.keys)
		if err != nil {
			return fmt.Errorf("%w: %w", job.ErrGiveUp, err)
		}
		sub = &webpush.Subscription{Endpoint: b.endpoint}
		if err := json.Unmarshal(keys, &sub.Keys); err != nil {
			return err
		}
		w, items, err := s.open(ctx, tx, a.Window)
		if err != nil || len(items) == 0 || w.Person != b.person { // the browser changed hands
			return err
		}
		to, err := who.PersonByID(ctx, tx, w.Person)
		if err != nil || to.State != who.Active {
			return err
		}
		text, err = json.Marshal(s.ringing(to, items))
		return err
	})
	return sub, text, err
}

func (s *Store) ringing(to who.Person, items []Item) ringing {
	p := s.Words.For(to.Lang)
	r := ringing{Title: s.Site, Body: oneLine(heading(p, Now, items)), URL: s.Base + "/inbox", Tag: "inbox"}
	if len(items) == 1 {
		r.URL, r.Tag = s.Base+items[0].Card.Path(), items[0].Ref.Kind+"-"+items[0].Ref.ID
	}
	return r
}
