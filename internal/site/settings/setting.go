package settings

import (
	"context"
	"embed"
	"errors"
	"io"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "settings", Files: files}

// Words are this module's sentences, keys "settings.…".
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may change what the site says of itself.
var Rules = []who.Rule{
	{Action: "site.settings"},
	{Action: "page.write", Site: []who.Role{who.Secretariat}},
}

// topic is woken when the settings or the pages in the footer change.
const topic = "settings"

// Setting is what a site says of itself. The zero Setting is a site that has
// said nothing yet.
type Setting struct {
	Name      string   `json:"name,omitempty"`      // "Ceiba" when empty
	Place     string   `json:"place,omitempty"`     // whose open government it is
	Email     string   `json:"email,omitempty"`     // where the office is reached
	Languages []string `json:"languages,omitempty"` // shown in the choice of languages; all when empty
	Licence   string   `json:"licence,omitempty"`   // SPDX identifier proposed for new datasets
	Logo      blob.Ref `json:"logo,omitzero"`       // a picture; its zero is none
	Version   int64    `json:"-"`
}

// Shows reports whether the choice of languages offers a language.
func (s Setting) Shows(lang string) bool {
	return len(s.Languages) == 0 || slices.Contains(s.Languages, lang)
}

// Choice is something to choose from: a value and its name.
type Choice struct{ Value, Name string }

// Site keeps settings and pages.
type Site struct {
	DB       *db.DB
	Blob     *blob.Store
	Licences []Choice // offered as the default for datasets
	Base     func() string

	once   sync.Once
	woken  <-chan struct{}
	mu     sync.Mutex
	cached *kept
	failed time.Time // when a change was heard of and could not be read; zero where all is read
}

// kept is what nearly every page needs.
type kept struct {
	setting Setting
	footer  []Page
}

// lookAgain is the pause after a database that did not answer: every page waits
// for a look.
const lookAgain = 3 * time.Second

// read returns settings and footer from memory, or from the database after a
// change on any node. Where the database does not answer it gives what was last
// known, so that the error page still has its frame.
func (s *Site) read(ctx context.Context) kept {
	s.once.Do(func() { s.woken, _ = s.DB.Waiting(topic) })
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.cached != nil && s.failed.IsZero()
	select {
	case <-s.woken:
		fresh = false
	default:
	}
	if s.cached != nil && (fresh || time.Since(s.failed) < lookAgain) {
		return *s.cached
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second) // everybody's page waits for this
	defer cancel()
	var k kept
	err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if k.setting, err = get(ctx, tx); err != nil {
			return err
		}
		k.footer, err = footer(ctx, tx)
		return err
	})
	switch {
	case err == nil:
		s.cached, s.failed = &k, time.Time{}
	case s.cached != nil:
		s.failed = time.Now()
		return *s.cached
	}
	return k
}

// forget has this node read anew; others hear of it by the topic.
func (s *Site) forget(tx *db.Tx) {
	tx.Wake(topic)
	tx.OnCommit(func() {
		s.mu.Lock()
		s.cached = nil
		s.mu.Unlock()
	})
}

// Current returns the settings, from memory.
func (s *Site) Current(ctx context.Context) Setting { return s.read(ctx).setting }

func get(ctx context.Context, tx *db.Tx) (Setting, error) {
	type row struct {
		doc     db.JSON[Setting]
		version int64
	}
	r, err := db.Get(ctx, tx, func(r *row) []any { return []any{&r.doc, &r.version} }, `SELECT doc, version FROM site_setting WHERE id = 1`)
	if errors.Is(err, db.ErrNotFound) {
		return Setting{}, nil
	}
	r.doc.V.Version = r.version
	return r.doc.V, err
}

func (s *Site) check(in *Setting) error {
	var p fault.Fields
	p.MaxLen("name", in.Name, 60)
	p.MaxLen("place", in.Place, 60)
	if a, err := mail.ParseAddress(in.Email); in.Email != "" && (err != nil || a.Address != in.Email) {
		p.Add("email", "fault.email")
	}
	for _, l := range in.Languages {
		if !i18n.Known(l) {
			p.Add("languages", "fault.choice")
		}
	}
	if len(in.Languages) > 0 && !slices.Contains(in.Languages, "en") {
		p.Add("languages", "settings.needs_english")
	}
	if in.Licence != "" && !slices.ContainsFunc(s.Licences, func(c Choice) bool { return c.Value == in.Licence }) {
		p.Add("licence", "fault.choice")
	}
	return p.Err()
}

// Change stores what the site says of itself. in.Version is that of the
// settings which were shown; db.ErrConflict says that somebody changed them
// since. The logo stays as it is: SetLogo changes it.
func (s *Site) Change(ctx context.Context, actor who.Actor, in Setting) error {
	if err := actor.Must("site.settings", who.Site); err != nil {
		return err
	}
	if err := s.check(&in); err != nil {
		return err
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		old, err := get(ctx, tx)
		if err != nil {
			return err
		}
		if old.Version != in.Version {
			return db.ErrConflict
		}
		in.Logo = old.Logo
		return s.save(ctx, tx, actor, old, in)
	})
}

// LogoPath is the address of the logo, another one after each change; "" if
// there is none.
func (s Setting) LogoPath() string {
	if s.Logo.SHA256 == "" {
		return ""
	}
	return "/site/logo?v=" + s.Logo.SHA256[:12]
}

// maxLogo is the size of a logo's file as it arrives.
const maxLogo = 2 << 20

// SetLogo stores a picture as the site's logo; nil takes it away. The picture
// is re-encoded, so that it carries neither script nor what a camera wrote.
func (s *Site) SetLogo(ctx context.Context, actor who.Actor, picture io.Reader) error {
	if err := actor.Must("site.settings", who.Site); err != nil {
		return err
	}
	var ref blob.Ref
	if picture != nil {
		p, err := s.Blob.PutImage(ctx, picture, blob.PictureOptions{MaxBytes: maxLogo, Side: 512})
		if err != nil {
			return err
		}
		ref = p.Ref
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		old, err := get(ctx, tx)
		if err != nil {
			return err
		}
		in := old
		in.Logo = ref
		return s.save(ctx, tx, actor, old, in)
	})
}

func (s *Site) save(ctx context.Context, tx *db.Tx, actor who.Actor, old, in Setting) error {
	s.forget(tx)
	if _, err := tx.Exec(ctx, `INSERT INTO site_setting (id, doc, version, changed, changed_by) VALUES (1, $1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, version = excluded.version, changed = excluded.changed, changed_by = excluded.changed_by`,
		db.JSON[Setting]{V: in}, old.Version+1, db.Time{Time: tx.Now}, actor.ID); err != nil {
		return err
	}
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "site.changed", Kind: "site", Record: "settings", Public: true,
		Title: strings.TrimSpace(in.Name), Before: old, After: in,
	})
	return err
}
