package catalog

import (
	"context"
	"embed"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "catalog", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// State is how far a dataset has come.
type State string

// The states of a dataset.
const (
	Draft     State = "draft"     // its organisation sees it
	Review    State = "review"    // handed in; an editor decides
	Published State = "published" // everybody sees it
	Withdrawn State = "withdrawn" // its address says why
)

// States are all states in their order.
var States = []State{Draft, Review, Published, Withdrawn}

// Dataset is a collection of data that an organisation answers for.
type Dataset struct {
	ID           string
	Org          string // id
	Title        string
	Summary      string // one or two sentences of plain text
	Notes        string // Markdown
	Lang         string // of the texts above
	Licence      string // id of one of Licences
	Themes       db.JSON[[]string]
	Keywords     db.JSON[[]string]
	Districts    db.JSON[[]string] // ISO 3166-2; none means the whole country or nowhere
	PeriodStart  string            // first day covered, YYYY-MM-DD, or empty
	PeriodEnd    string
	Frequency    string
	ContactName  string
	ContactEmail string
	Source       string // address of where the data come from
	State        State
	Reason       string // why it was withdrawn or sent back
	CreatedBy    string
	Created      db.Time
	Changed      db.Time
	Published    db.Time
	Version      int // raised by every change; guards against lost edits

	slug string // the address that the transaction gave it; empty where it gave none
}

const columns = `id, org, title, summary, notes, lang, licence, themes, keywords, districts, period_start, period_end, frequency,
	contact_name, contact_email, source, state, reason, created_by, created, changed, published, version`

func fields(d *Dataset) []any {
	return []any{
		&d.ID, &d.Org, &d.Title, &d.Summary, &d.Notes, &d.Lang, &d.Licence, &d.Themes, &d.Keywords, &d.Districts,
		&d.PeriodStart, &d.PeriodEnd, &d.Frequency, &d.ContactName, &d.ContactEmail, &d.Source, &d.State, &d.Reason,
		&d.CreatedBy, &d.Created, &d.Changed, &d.Published, &d.Version,
	}
}

// How many characters the texts of a dataset may have, in any language.
const maxTitle, maxSummary, maxNotes = 200, 600, 50_000

// Check reports what is wrong with the fields that a person fills in. A draft
// needs a title and an organisation; what publishing needs besides, Ready says.
func (d *Dataset) Check() error {
	var p fault.Fields
	p.Require("title", d.Title)
	p.Require("org", d.Org)
	p.MaxLen("title", d.Title, maxTitle)
	p.MaxLen("summary", d.Summary, maxSummary)
	p.MaxLen("notes", d.Notes, maxNotes)
	if _, ok := LicenceOf(d.Licence); d.Licence != "" && !ok {
		p.Add("licence", "fault.choice")
	}
	if !i18n.Known(d.Lang) {
		p.Add("lang", "fault.choice")
	}
	if !isFrequency(d.Frequency) {
		p.Add("frequency", "fault.choice")
	}
	if slices.ContainsFunc(d.Themes.V, func(t string) bool { return !isTheme(t) }) {
		p.Add("themes", "fault.choice")
	}
	if slices.ContainsFunc(d.Districts.V, func(code string) bool { _, ok := geo.DistrictByCode(code); return !ok }) {
		p.Add("districts", "fault.choice")
	}
	d.checkPeriod(&p)
	d.checkAddresses(&p)
	return p.Err()
}

func (d *Dataset) checkPeriod(p *fault.Fields) {
	for name, v := range map[string]string{"period_start": d.PeriodStart, "period_end": d.PeriodEnd} {
		if _, err := time.Parse(time.DateOnly, v); v != "" && err != nil {
			p.Add(name, "fault.date")
			return
		}
	}
	if d.PeriodStart != "" && d.PeriodEnd != "" && d.PeriodEnd < d.PeriodStart {
		p.Add("period_end", "catalog.period_order")
	}
}

func (d *Dataset) checkAddresses(p *fault.Fields) {
	if len(d.Keywords.V) > 30 {
		p.Add("keywords", "catalog.too_many_keywords", "max", 30)
	}
	for _, k := range d.Keywords.V {
		if len([]rune(k)) > 60 {
			p.Add("keywords", "fault.too_long", "n", len([]rune(k)), "max", 60)
			break
		}
	}
	if a, err := mail.ParseAddress(d.ContactEmail); d.ContactEmail != "" && (err != nil || a.Address != d.ContactEmail) {
		p.Add("contact_email", "fault.email")
	}
	if d.Source != "" && !webAddress(d.Source) {
		p.Add("source", "fault.url")
	}
}

// webAddress reports whether s is an absolute http or https address.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && len(s) <= 2000
}

// Ready reports what a draft still lacks before it can be published.
func (d *Dataset) Ready(resources int) error {
	var p fault.Fields
	p.Require("summary", d.Summary)
	p.Require("licence", d.Licence)
	p.Require("contact_email", d.ContactEmail)
	if len(d.Themes.V) == 0 {
		p.Add("themes", "fault.required")
	}
	if resources == 0 {
		p.Add("resources", "catalog.no_resource")
	}
	return p.Err()
}

// tidy brings what people type into one form.
func (d *Dataset) tidy() {
	d.Title = strings.Join(strings.Fields(d.Title), " ")
	d.Summary = strings.Join(strings.Fields(d.Summary), " ")
	if d.Lang == "" {
		d.Lang = "en"
	}
	if d.Frequency == "" {
		d.Frequency = "unknown"
	}
	d.Themes.V = distinct(d.Themes.V)
	d.Districts.V = distinct(d.Districts.V)
	d.Keywords.V = distinct(d.Keywords.V)
}

// distinct drops empty and repeated values, keeping the order; it never
// returns nil, so that JSON says [] and not null.
func distinct(in []string) []string {
	out := []string{}
	for _, v := range in {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func get(ctx context.Context, tx *db.Tx, id string) (Dataset, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM dataset WHERE id = $1`, id)
}
