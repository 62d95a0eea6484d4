package answer

import (
	"context"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// Sectors are the parts of society that speak.
var Sectors = []string{"resident", "youth", "civil_society", "academia", "media", "private", "government", "indigenous"}

// Naming is how an author appears.
type Naming string

// The namings.
const (
	Named     Naming = "named"     // by the name of their account
	Pseudonym Naming = "pseudonym" // by a name of their choice
	Anonymous Naming = "anonymous" // not at all, not even in the database
)

// View is who can read an input.
type View string

// The views.
const (
	Unshown View = "waiting" // an anonymous one, until its batch is released
	Visible View = "visible" // everybody
	Held    View = "held"    // its author and the moderators, until one decides
	Hidden  View = "hidden"  // its author and the moderators, with a reason
)

// Input is what somebody says to a call.
type Input struct {
	ID         string
	Box        string // id of the call
	Org        string // that answers
	Kind       string // of Kinds
	Title      string
	Text       string // plain text
	Lang       string
	District   string // ISO 3166-2; may be empty
	Community  string // village or neighbourhood, as written
	Sector     string // of Sectors; may be empty
	Channel    string // of Channels
	External   string // its id where it came from; may be empty
	ForOrg     string // the group it speaks for, as written
	Naming     Naming
	Name       string // a pseudonym
	Author     string // id of a person; empty for an anonymous one
	RecordedBy string // who wrote it down for somebody; empty for one's own
	Sheet      string // id of the file it came in
	State      State
	View       View
	Why        string  // it is hidden
	Received   db.Time // of an anonymous one the beginning of the day in Belize
	Shown      db.Time // since when others can read it; zero before
	Root       string  // the input it was merged into
	Theme      string
	Reply      string
	Supports   int
	Points     int

	Acknowledged db.Time
	Considered   db.Time
	Answered     db.Time // when its first outcome was published
	Changed      db.Time

	words   int
	receipt string
}

const inputColumns = `id, box, org, kind, title, body, lang, district, community, sector, channel, external, for_org, naming, name, author, recorded_by,
	sheet, state, view, why, received, shown, root, theme, reply, supports, points, acknowledged, considered, answered, changed, words, receipt`

func inputFields(in *Input) []any {
	return []any{
		&in.ID, &in.Box, &in.Org, &in.Kind, &in.Title, &in.Text, &in.Lang, &in.District, &in.Community, &in.Sector, &in.Channel, &in.External,
		&in.ForOrg, &in.Naming, &in.Name, &in.Author, &in.RecordedBy, &in.Sheet, &in.State, &in.View, &in.Why, &in.Received, &in.Shown,
		&in.Root, &in.Theme, &in.Reply, &in.Supports, &in.Points, &in.Acknowledged, &in.Considered, &in.Answered, &in.Changed, &in.words, &in.receipt,
	}
}

// Ref names the input.
func (in Input) Ref() record.Ref { return record.Ref{Kind: InputKind, ID: in.ID} }

// ByDay reports whether only the day of its times is known.
func (in Input) ByDay() bool { return in.Naming == Anonymous }

const maxText, maxName = 5_000, 80

// dayOf is the beginning of a day in Belize.
func dayOf(t time.Time) time.Time {
	y, m, d := t.In(i18n.Belize).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, i18n.Belize).UTC()
}

func (in *Input) tidy() {
	line := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	in.Text = strings.TrimSpace(in.Text)
	in.Title, in.Community, in.ForOrg, in.Name = line(in.Title), line(in.Community), line(in.ForOrg), line(in.Name)
	in.External = line(in.External)
	if in.Title == "" {
		in.Title = begin(line(in.Text), 80)
	}
	if in.Lang == "" {
		in.Lang = "en"
	}
	if in.Channel == "" {
		in.Channel = "web"
	}
	if in.Naming != Pseudonym {
		in.Name = ""
	}
}

// begin is a text's beginning, cut between words, of at most n characters.
func begin(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	cut := string(r[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:") + "…"
}

// check reports what is wrong with what a person fills in for a call.
func (in Input) check(b Box) error {
	var p fault.Fields
	p.Require("text", in.Text)
	p.MaxLen("text", in.Text, maxText)
	p.MaxLen("title", in.Title, maxTitle)
	choice(&p, "kind", in.Kind, b.Kinds.V)
	if !i18n.Known(in.Lang) {
		p.Add("lang", "fault.choice")
	}
	if _, ok := geo.DistrictByCode(in.District); in.District != "" && !ok {
		p.Add("district", "fault.choice")
	}
	p.MaxLen("community", in.Community, maxName)
	if in.Sector != "" {
		choice(&p, "sector", in.Sector, Sectors)
	}
	choice(&p, "channel", in.Channel, b.Channels.V)
	p.MaxLen("for_org", in.ForOrg, maxTitle)
	choice(&p, "naming", in.Naming, []Naming{Named, Pseudonym, Anonymous})
	if in.Naming == Pseudonym {
		p.Require("name", in.Name)
	}
	p.MaxLen("name", in.Name, maxName)
	p.MaxLen("external_id", in.External, maxTitle)
	return p.Err()
}

func choice[T comparable](p *fault.Fields, name string, v T, all []T) {
	if !slices.Contains(all, v) {
		p.Add(name, "fault.choice")
	}
}

func inputByID(ctx context.Context, tx *db.Tx, input string) (Input, error) {
	return db.Get(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE id = $1`, input)
}

// inputsByID returns those inputs that exist, in the order of ids.
func inputsByID(ctx context.Context, tx *db.Tx, ids []string) ([]Input, error) {
	in, args := db.In(1, ids)
	list, err := db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE id IN `+in, args...)
	at := make(map[string]int, len(ids))
	for i, x := range ids {
		at[x] = i
	}
	slices.SortFunc(list, func(a, b Input) int { return at[a.ID] - at[b.ID] })
	return list, err
}
