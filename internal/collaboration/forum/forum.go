package forum

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "forum", Files: files}

// Words are this module's sentences, keys "forum.…".
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what. Co-chairs of a forum may "forum.write" in it too,
// whatever their role: see May.
var Rules = []who.Rule{
	{Action: "forum.create", Site: []who.Role{who.Secretariat}},
	{Action: "forum.write", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor, who.Facilitator}},
	{Action: "forum.nominate", Org: []who.Role{who.Official, who.Editor, who.Member}, Level: who.L1},
}

// State is how far a forum is.
type State string

// The states of a forum. Active and Dormant are how an established one is seen:
// see Forum.Seen.
const (
	Proposed    State = "proposed"
	Established State = "established"
	Active      State = "active"
	Dormant     State = "dormant"
	Dissolved   State = "dissolved"
)

// Mandates are what a forum may be for.
var Mandates = []string{"decision", "consultation", "oversight"}

// ActiveDays is for how long a minuted meeting keeps a forum active (SEED-44).
const ActiveDays = 120

// Forum is a body in which several sectors sit.
type Forum struct {
	ID         string
	Org        string // that serves it
	Name       string
	Lang       string
	About      string // Markdown
	Scope      string // "national", or a district
	Mandate    string // one of Mandates
	Instrument string // what establishes it
	Document   string // address of its text
	Date       string // of the instrument
	National   bool   // the national coordination mechanism
	State      State  // proposed, established or dissolved
	Reason     string // why it is dissolved
	NoticeDays int
	CreatedBy  string
	Created    db.Time
	Since      db.Time // when it was noted as established
	Changed    db.Time
	Version    int
}

const columns = `id, org, name, lang, about, scope, mandate, instrument, document, instrument_date, national, state, reason, notice_days, created_by, created, established, changed, version`

func fields(f *Forum) []any {
	return []any{
		&f.ID, &f.Org, &f.Name, &f.Lang, &f.About, &f.Scope, &f.Mandate, &f.Instrument, &f.Document, &f.Date, &f.National, &f.State, &f.Reason,
		&f.NoticeDays, &f.CreatedBy, &f.Created, &f.Since, &f.Changed, &f.Version,
	}
}

// Ref names the forum.
func (f *Forum) Ref() record.Ref { return record.Ref{Kind: "forum", ID: f.ID} }

// Seen is the state as readers see it: an established forum is active while its
// last meeting with published minutes was at most ActiveDays ago.
func (f *Forum) Seen(minuted, now time.Time) State {
	if f.State != Established {
		return f.State
	}
	if !minuted.IsZero() && now.Sub(minuted) <= ActiveDays*24*time.Hour {
		return Active
	}
	return Dormant
}

// Get returns a forum. All are public.
func Get(ctx context.Context, tx *db.Tx, key string) (Forum, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM forum WHERE id = $1`, key)
}

// All returns every forum, the national ones first.
func All(ctx context.Context, tx *db.Tx) ([]Forum, error) {
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM forum ORDER BY CASE state WHEN 'dissolved' THEN 1 ELSE 0 END, CASE scope WHEN 'national' THEN 0 ELSE 1 END, name, id LIMIT 500`)
}

// LastMinuted returns when the last meeting with published minutes of each forum
// began; those without one are not in it.
func LastMinuted(ctx context.Context, tx *db.Tx, forums ...string) (map[string]time.Time, error) {
	return meeting.LastMinuted(ctx, tx, "forum", forums)
}

// Forums joins forums with the services they stand on.
type Forums struct {
	DB      *db.DB
	Kinds   func() *record.Registry // known only once all modules are
	Book    *meeting.Book
	Ballots *ballot.Office
	Base    func() string
}

// May asks whether actor may run a forum: a co-chair, or by role in the
// organisation that serves it.
func May(ctx context.Context, tx *db.Tx, actor who.Actor, f Forum) error {
	limited := actor.Only != nil && !slices.Contains(actor.Only, "forum.write")
	if actor.SignedIn() && !limited {
		chairs, err := coChairs(ctx, tx, f.ID)
		if err != nil {
			return err
		}
		if slices.Contains(chairs, actor.ID) {
			return nil
		}
	}
	return actor.Must("forum.write", who.In(f.Org))
}

// own returns a forum that actor may run and that is not dissolved.
func own(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (Forum, error) {
	f, err := Get(ctx, tx, key)
	if err != nil {
		return f, err
	}
	if err := May(ctx, tx, actor, f); err != nil {
		return f, err
	}
	if f.State == Dissolved {
		return f, fault.New(fault.Conflict, "forum.is_dissolved")
	}
	return f, nil
}

func today(tx *db.Tx) string { return tx.Now.In(i18n.Belize).Format(time.DateOnly) }

func (f *Forum) tidy() {
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	f.Lang, f.Scope, f.Mandate = cmp.Or(f.Lang, "en"), cmp.Or(f.Scope, "national"), cmp.Or(f.Mandate, Mandates[0])
	if f.NoticeDays == 0 {
		f.NoticeDays = meeting.NoticeDays
	}
}

// Check reports what is wrong with the fields that a person fills in.
func (f *Forum) Check() error {
	var p fault.Fields
	p.Require("name", f.Name)
	p.MaxLen("name", f.Name, 200)
	p.Require("org", f.Org)
	p.MaxLen("about", f.About, 20_000)
	if _, ok := geo.DistrictByCode(f.Scope); f.Scope != "national" && !ok {
		p.Add("scope", "fault.choice")
	}
	if f.National && f.Scope != "national" {
		p.Add("national", "forum.national_scope")
	}
	if !slices.Contains(Mandates, f.Mandate) {
		p.Add("mandate", "fault.choice")
	}
	if !i18n.Known(f.Lang) {
		p.Add("lang", "fault.choice")
	}
	p.MaxLen("instrument", f.Instrument, 500)
	if u, err := url.Parse(f.Document); f.Document != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(f.Document) > 1000) {
		p.Add("document", "fault.url")
	}
	if _, err := time.Parse(time.DateOnly, f.Date); f.Date != "" && err != nil {
		p.Add("date", "fault.date")
	}
	if f.NoticeDays < 1 || f.NoticeDays > 60 {
		p.Add("notice_days", "forum.notice_range")
	}
	if f.State == Established { // what establishing asked for stays
		p = append(p, f.lacks()...)
	}
	return p.Err()
}

// lacks says what a forum needs before it is established (SEED-44).
func (f *Forum) lacks() (p fault.Fields) {
	p.Require("instrument", f.Instrument)
	p.Require("document", f.Document)
	p.Require("date", f.Date)
	return p
}

// said is what the log keeps of a forum.
type said struct {
	Name       string `json:"name"`
	Scope      string `json:"scope"`
	Mandate    string `json:"mandate"`
	Instrument string `json:"instrument"`
	Document   string `json:"document"`
	Date       string `json:"date"`
	National   bool   `json:"national"`
	State      State  `json:"state"`
}

func (f *Forum) said() said {
	return said{f.Name, f.Scope, f.Mandate, f.Instrument, f.Document, f.Date, f.National, f.State}
}

func (f *Forum) tell(ctx context.Context, tx *db.Tx, actor, verb, note string, before, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor, Verb: verb, Kind: "forum", Record: f.ID, Org: f.Org, Title: f.Name, Note: note, Public: true, Before: before, After: after,
	})
	return err
}

// Create stores a proposed forum.
func Create(ctx context.Context, d *db.DB, actor who.Actor, f Forum) (Forum, error) {
	err := d.Update(ctx, func(tx *db.Tx) error {
		if err := actor.Must("forum.create", who.Site); err != nil {
			return err
		}
		f.tidy()
		f.State = Proposed
		if err := f.Check(); err != nil {
			return err
		}
		f.ID, f.Reason, f.CreatedBy, f.Version, f.Since = id.New(tx.Now), "", actor.ID, 1, db.Time{}
		f.Created, f.Changed = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
		if _, err := tx.Exec(ctx, `INSERT INTO forum (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
			f.ID, f.Org, f.Name, f.Lang, f.About, f.Scope, f.Mandate, f.Instrument, f.Document, f.Date, f.National, f.State, f.Reason, f.NoticeDays,
			f.CreatedBy, f.Created, f.Since, f.Changed, f.Version); err != nil {
			return err
		}
		if _, err := record.NewSlug(ctx, tx, f.Ref(), f.Name); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.proposed", "", nil, f.said())
	})
	return f, err
}

// save writes a forum over the version it was read at.
func (f *Forum) save(ctx context.Context, tx *db.Tx) error {
	f.Changed = db.Time{Time: tx.Now}
	err := tx.MustChange(ctx, `UPDATE forum SET name = $3, lang = $4, about = $5, scope = $6, mandate = $7, instrument = $8, document = $9,
		instrument_date = $10, national = $11, state = $12, reason = $13, notice_days = $14, established = $15, changed = $16, version = version + 1
		WHERE id = $1 AND version = $2`, f.ID, f.Version, f.Name, f.Lang, f.About, f.Scope, f.Mandate, f.Instrument, f.Document, f.Date,
		f.National, f.State, f.Reason, f.NoticeDays, f.Since, f.Changed)
	f.Version++
	if errors.Is(err, db.ErrExists) {
		return fault.New(fault.Conflict, "forum.one_national").Wrap(err)
	}
	return err
}

// Edit changes a forum seen at in.Version: db.ErrConflict if somebody changed it
// since. Its organisation stays.
func Edit(ctx context.Context, d *db.DB, actor who.Actor, in Forum) (out Forum, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error {
		old, err := own(ctx, tx, actor, in.ID)
		if err != nil {
			return err
		}
		in.tidy()
		in.Org, in.State, in.Since, in.Reason, in.Created, in.CreatedBy = old.Org, old.State, old.Since, old.Reason, old.Created, old.CreatedBy
		if err := in.Check(); err != nil {
			return err
		}
		out = in
		if err := out.save(ctx, tx); err != nil {
			return err
		}
		if out.Name != old.Name {
			if _, err := record.SetSlug(ctx, tx, out.Ref(), out.Name); err != nil {
				return err
			}
		}
		return out.tell(ctx, tx, actor.ID, "forum.changed", "", old.said(), out.said())
	})
	return out, err
}

// Establish notes that a forum exists by its instrument. It is the secretariat's
// to say, and of those who work for the forum's organisation.
func Establish(ctx context.Context, d *db.DB, actor who.Actor, key string) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if f.State != Proposed {
			return fault.New(fault.Conflict, "forum.not_proposed")
		}
		if err := f.lacks().Err(); err != nil {
			return err
		}
		before := f.said()
		f.State, f.Since = Established, db.Time{Time: tx.Now}
		if err := f.save(ctx, tx); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.established", "", before, f.said())
	})
}

// Dissolve ends a forum, for ever, with a reason.
func Dissolve(ctx context.Context, d *db.DB, actor who.Actor, key, reason string) error {
	var p fault.Fields
	p.Require("reason", reason)
	p.MaxLen("reason", reason, 1000)
	return d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if err := actor.Must("forum.create", who.Site); err != nil { // the co-chairs alone do not
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		before := f.said()
		f.State, f.Reason = Dissolved, reason
		if err := f.save(ctx, tx); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.dissolved", reason, before, f.said())
	})
}

// Rulebook is one version of a forum's rules.
type Rulebook struct {
	N         int
	Text      string  // Markdown
	Decision  string  // that adopted it; may be empty
	Published db.Time // by the server's clock
}

// RulesOf returns the versions of a forum's rules, the newest first.
func RulesOf(ctx context.Context, tx *db.Tx, forum string) ([]Rulebook, error) {
	return db.List(ctx, tx, func(r *Rulebook) []any { return []any{&r.N, &r.Text, &r.Decision, &r.Published} },
		`SELECT n, text, decision, published FROM forum_rules WHERE forum = $1 ORDER BY n DESC`, forum)
}

// NewestRules returns the rules in force of forums, by forum.
func NewestRules(ctx context.Context, tx *db.Tx, forums []string) (map[string]Rulebook, error) {
	type row struct {
		forum string
		Rulebook
	}
	in, args := db.In(1, forums)
	all, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.forum, &r.N, &r.Text, &r.Decision, &r.Published} },
		`SELECT forum, n, text, decision, published FROM forum_rules f WHERE forum IN `+in+` AND n = (SELECT max(n) FROM forum_rules x WHERE x.forum = f.forum)`, args...)
	out := map[string]Rulebook{}
	for _, r := range all {
		out[r.forum] = r.Rulebook
	}
	return out, err
}

// PublishRules adds a version of the rules, in force from now on. decision is the
// one that adopted it, or empty.
func PublishRules(ctx context.Context, d *db.DB, actor who.Actor, key, text, decision string) error {
	var p fault.Fields
	p.Require("rules", text)
	p.MaxLen("rules", text, 100_000)
	return d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if decision != "" {
			m, err := Decision(ctx, tx, decision)
			if err != nil && !errors.Is(err, db.ErrNotFound) {
				return err
			}
			if err != nil || m.Forum != f.ID || m.State != "adopted" {
				p.Add("decision", "forum.not_adopted")
			}
		}
		if err := p.Err(); err != nil {
			return err
		}
		n, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(n), 0) + 1 FROM forum_rules WHERE forum = $1`, f.ID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO forum_rules (forum, n, text, decision, by_person, published) VALUES ($1, $2, $3, $4, $5, $6)`,
			f.ID, n, text, decision, actor.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.rules_published", "", nil, map[string]any{"version": n, "text": text, "decision": decision})
	})
}
