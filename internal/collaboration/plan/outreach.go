package plan

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// Channels are the ways in which people are reached.
var Channels = []string{"meeting", "radio", "television", "web", "social_media", "sms", "poster", "newspaper", "visit"}

// Outreach is something done to make the process and its opportunities known.
type Outreach struct {
	ID       string
	Plan     string
	Day      string // when it was done
	District string // ISO 3166-2; empty for the whole country
	Place    string
	Lang     string
	Channel  string
	Audience string
	Reach    int // people; 0 is not known
	Text     string
	Recorded db.Time
	By       string
}

const outreachColumns = `id, plan, day, district, place, lang, channel, audience, reach, text, recorded, by`

func outreachFields(o *Outreach) []any {
	return []any{&o.ID, &o.Plan, &o.Day, &o.District, &o.Place, &o.Lang, &o.Channel, &o.Audience, &o.Reach, &o.Text, &o.Recorded, &o.By}
}

func (o *Outreach) check(today string) error {
	var f fault.Fields
	f.Require("day", o.Day)
	CheckDay(&f, "day", o.Day)
	if o.Day > today {
		f.Add("day", "plan.future")
	}
	if _, ok := geo.DistrictByCode(o.District); o.District != "" && !ok {
		f.Add("district", "fault.choice")
	}
	if !slices.Contains(Channels, o.Channel) {
		f.Add("channel", "fault.choice")
	}
	if !i18n.Known(o.Lang) {
		f.Add("lang", "fault.choice")
	}
	if o.Reach < 0 || o.Reach > 10_000_000 {
		f.Add("reach", "fault.number")
	}
	f.Require("text", o.Text)
	f.MaxLen("text", o.Text, 2000)
	f.MaxLen("place", o.Place, MaxTitle)
	f.MaxLen("audience", o.Audience, MaxTitle)
	return f.Err()
}

// AddOutreach records an activity that has taken place.
func (p *Plans) AddOutreach(ctx context.Context, actor who.Actor, o Outreach) (out Outreach, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		pl, err := mayWrite(ctx, tx, actor, o.Plan)
		if err != nil {
			return err
		}
		if err := o.check(Today(tx)); err != nil {
			return err
		}
		o.ID, o.Recorded, o.By = id.New(tx.Now), db.Time{Time: tx.Now}, actor.ID
		if _, err := tx.Exec(ctx, `INSERT INTO plan_outreach (`+outreachColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			o.ID, o.Plan, o.Day, o.District, o.Place, o.Lang, o.Channel, o.Audience, o.Reach, o.Text, o.Recorded, o.By); err != nil {
			return err
		}
		out = o
		return pl.of(ctx, tx, actor, "plan.outreach", pl.Title, o.Text, map[string]any{
			"id": o.ID, "day": o.Day, "district": o.District, "channel": o.Channel, "lang": o.Lang, "reach": o.Reach,
		})
	})
	return out, err
}

// Outreaches returns a plan's activities by their day.
func Outreaches(ctx context.Context, tx *db.Tx, plan string) ([]Outreach, error) {
	return db.List(ctx, tx, outreachFields, `SELECT `+outreachColumns+` FROM plan_outreach WHERE plan = $1 ORDER BY day, id`, plan)
}
