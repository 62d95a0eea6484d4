package meeting

import (
	"cmp"
	"context"
	"embed"
	"net/url"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "meeting", Files: files}

// Words are this module's sentences, keys "meeting.…".
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what with meetings of bodies without a Host.
var Rules = []who.Rule{
	{Action: "meeting.write", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor, who.Facilitator}},
	{Action: "meeting.register", Site: []who.Role{who.Resident}, Level: who.L1},
}

// State is how far a meeting is.
type State string

// The states of a meeting.
const (
	Announced State = "announced"
	Held      State = "held"
	Drafted   State = "minutes_draft"
	Published State = "minutes_published"
	Cancelled State = "cancelled"
)

// Done reports whether the meeting took place.
func (s State) Done() bool { return s == Held || s == Drafted || s == Published }

// Purposes are what a meeting may be for.
var Purposes = []string{"regular", "implementation_review", "co_creation", "outreach", "election", "extraordinary"}

// Sectors are the blocs that people and organisations belong to, as quorum and
// attendance count them.
var Sectors = []string{"government", "civil_society", "private", "academia", "media", "youth", "indigenous", "local_government"}

// DraftDays, RemarkDays and MinutesDays are after how many days minutes are
// drafted, for how many days remarks are taken, and when they are published
// (specification of OGP rules, 7). NoticeDays is the notice where the body has
// no other rule.
const (
	DraftDays   = 7
	RemarkDays  = 7
	MinutesDays = 14
	NoticeDays  = 7
)

const day = 24 * time.Hour

// Item is one item of an agenda.
type Item struct {
	Seq     int        `json:"seq"`
	Title   string     `json:"title"`
	Minutes int        `json:"minutes,omitempty"`
	Text    string     `json:"text,omitempty"`
	Kind    string     `json:"kind"` // one of ItemKinds
	About   record.Ref `json:"about"`
}

// ItemKinds are what an item of an agenda may ask of the meeting.
var ItemKinds = []string{"information", "discussion", "decision"}

// Meeting is one meeting of a body.
type Meeting struct {
	ID          string
	Of          record.Ref // the body
	Org         string     // that answers for it
	Title       string
	Lang        string
	Purpose     string
	Starts      db.Time
	Ends        db.Time
	Venue       string
	District    string
	Lat, Lon    *float64 // WGS 84; nil where only the district is known
	Link        string
	LinkOpen    bool // everybody sees the link
	Langs       db.JSON[[]string]
	Notice      string // Markdown
	Guests      bool   // others may register
	Capacity    int    // of guests; 0 is no limit
	Agenda      db.JSON[[]Item]
	State       State
	Quorate     string // "quorate" or "inquorate" once held
	Count       db.JSON[Count]
	Reason      string // why it is cancelled
	NoticeDays  int
	Code        string // shown in the room, for those who check in by themselves
	Announced   db.Time
	Timed       db.Time // when the present hour was first said
	AgendaAt    db.Time // when there first was an agenda
	Reminded    db.Time
	HeldAt      db.Time // when it was noted that it was held
	DraftedAt   db.Time
	PublishedAt db.Time
	Sequence    int
	CreatedBy   string
	Changed     db.Time
	Version     int
}

const columns = `id, of_kind, of_id, org, title, lang, purpose, starts, ends, venue, district, lat, lon, link, link_open, langs, notice, guests,
	capacity, agenda, state, quorate, count, reason, notice_days, code, announced, timed, agenda_at, reminded, held, drafted, published,
	sequence, created_by, changed, version`

func fields(m *Meeting) []any {
	return []any{
		&m.ID, &m.Of.Kind, &m.Of.ID, &m.Org, &m.Title, &m.Lang, &m.Purpose, &m.Starts, &m.Ends, &m.Venue, &m.District, &m.Lat, &m.Lon, &m.Link,
		&m.LinkOpen, &m.Langs, &m.Notice, &m.Guests, &m.Capacity, &m.Agenda, &m.State, &m.Quorate, &m.Count, &m.Reason, &m.NoticeDays, &m.Code,
		&m.Announced, &m.Timed, &m.AgendaAt, &m.Reminded, &m.HeldAt, &m.DraftedAt, &m.PublishedAt, &m.Sequence, &m.CreatedBy, &m.Changed, &m.Version,
	}
}

// values are the columns' values, in their order.
func (m *Meeting) values() []any {
	return []any{
		m.ID, m.Of.Kind, m.Of.ID, m.Org, m.Title, m.Lang, m.Purpose, m.Starts, m.Ends, m.Venue, m.District, m.Lat, m.Lon, m.Link,
		m.LinkOpen, m.Langs, m.Notice, m.Guests, m.Capacity, m.Agenda, m.State, m.Quorate, m.Count, m.Reason, m.NoticeDays, m.Code,
		m.Announced, m.Timed, m.AgendaAt, m.Reminded, m.HeldAt, m.DraftedAt, m.PublishedAt, m.Sequence, m.CreatedBy, m.Changed, m.Version,
	}
}

// Ref names the meeting.
func (m *Meeting) Ref() record.Ref { return record.Ref{Kind: "meeting", ID: m.ID} }

// Get returns a meeting, which anybody may see. Its link is not for everybody:
// see MayJoin.
func Get(ctx context.Context, tx *db.Tx, key string) (Meeting, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM meeting WHERE id = $1`, key)
}

// tidy brings what people type into one form.
func (m *Meeting) tidy() {
	m.Title = strings.Join(strings.Fields(m.Title), " ")
	m.Venue = strings.Join(strings.Fields(m.Venue), " ")
	m.Lang = cmp.Or(m.Lang, "en")
	m.Purpose = cmp.Or(m.Purpose, Purposes[0])
	if m.Langs.V == nil {
		m.Langs.V = []string{}
	}
	items := []Item{}
	for _, it := range m.Agenda.V {
		it.Title = strings.Join(strings.Fields(it.Title), " ")
		if it.Title == "" && it.Text == "" {
			continue
		}
		it.Seq, it.Kind = len(items)+1, cmp.Or(it.Kind, ItemKinds[0])
		items = append(items, it)
	}
	m.Agenda.V = items
}

// Check reports what is wrong with the fields that a person fills in.
func (m *Meeting) Check() error {
	var p fault.Fields
	p.Require("title", m.Title)
	p.MaxLen("title", m.Title, 200)
	if !slices.Contains(Purposes, m.Purpose) {
		p.Add("purpose", "fault.choice")
	}
	switch {
	case m.Starts.IsZero():
		p.Add("starts", "meeting.need_start")
	case m.Ends.IsZero() || !m.Ends.After(m.Starts.Time):
		p.Add("ends", "meeting.ends_first")
	case m.Ends.Sub(m.Starts.Time) > 7*day:
		p.Add("ends", "meeting.too_long")
	}
	if m.Venue == "" && m.Link == "" {
		p.Add("venue", "meeting.need_place")
	}
	p.MaxLen("venue", m.Venue, 300)
	if _, ok := geo.DistrictByCode(m.District); m.District != "" && !ok {
		p.Add("district", "fault.choice")
	}
	if (m.Lat == nil) != (m.Lon == nil) || m.Lat != nil && !(geo.Point{Lat: *m.Lat, Lon: *m.Lon}).Valid() {
		p.Add("venue", "meeting.bad_point")
	}
	if u, err := url.Parse(m.Link); m.Link != "" && (err != nil || u.Scheme != "https" || u.Host == "" || len(m.Link) > 1000) {
		p.Add("link", "fault.url")
	}
	if !i18n.Known(m.Lang) {
		p.Add("lang", "fault.choice")
	}
	if slices.ContainsFunc(m.Langs.V, func(l string) bool { return !i18n.Known(l) }) {
		p.Add("langs", "fault.choice")
	}
	p.MaxLen("notice", m.Notice, 20_000)
	if m.Capacity < 0 || m.Capacity > 100_000 {
		p.Add("capacity", "fault.choice")
	}
	m.checkAgenda(&p)
	return p.Err()
}

// checkAt is Check with what depends on the day: a meeting far away is a slip.
func (m *Meeting) checkAt(now time.Time) error {
	if err := m.Check(); err != nil {
		return err
	}
	var p fault.Fields
	p.NotFar("starts", m.Starts.Time, now)
	return p.Err()
}

func (m *Meeting) checkAgenda(p *fault.Fields) {
	if len(m.Agenda.V) > 60 {
		p.Add("agenda", "meeting.agenda_long")
	}
	for _, it := range m.Agenda.V {
		bad := it.Title == "" || len([]rune(it.Title)) > 200 || len([]rune(it.Text)) > 5000 || it.Minutes < 0 || it.Minutes > 1440 || !slices.Contains(ItemKinds, it.Kind)
		if bad || it.About.Kind != "" && !id.Valid(it.About.ID) {
			p.Add("agenda", "meeting.bad_item", "n", it.Seq)
			return
		}
	}
}

// Noticed is for how long the meeting was announced at its present hour with an
// agenda before it begins; negative for one that was written down afterwards.
// It is false while there is no agenda.
func (m *Meeting) Noticed() (time.Duration, bool) {
	if m.AgendaAt.IsZero() {
		return 0, false
	}
	at := m.Timed
	if m.AgendaAt.After(at.Time) {
		at = m.AgendaAt
	}
	return m.Starts.Sub(at.Time), true
}

// ShortNotice reports whether less notice was given, or can still be, than the
// body's rule asks for.
func (m *Meeting) ShortNotice(now time.Time) bool {
	need := time.Duration(m.NoticeDays) * day
	got, ok := m.Noticed()
	if ok {
		return got < need
	}
	return m.Starts.Sub(now) < need
}

// Late says what is overdue of the minutes: "draft", "publish" or nothing.
// Until the draft is there only the draft is asked for.
func (m *Meeting) Late(now time.Time) string {
	switch {
	case m.State == Held && now.Sub(m.Ends.Time) > DraftDays*day:
		return "draft"
	case m.State == Drafted && now.Sub(m.Ends.Time) > MinutesDays*day:
		return "publish"
	}
	return ""
}

// RemarksUntil is when remarks on the draft minutes end.
func (m *Meeting) RemarksUntil() time.Time { return m.DraftedAt.Add(RemarkDays * day) }

// code makes a short word to be read in a room: six characters without those
// that are easily taken for others.
func code() string { return strings.ToUpper(id.Secret()[:6]) }
