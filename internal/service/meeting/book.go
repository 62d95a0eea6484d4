package meeting

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Host is what the domain of a body decides about its meetings. What is nil is
// as for a body without a Host.
type Host struct {
	// May returns nil if actor may do action ("meeting.write") for the meetings
	// of the body.
	May func(ctx context.Context, tx *db.Tx, actor who.Actor, action, id string) error
	// Members are those whom a meeting of the body that starts at a moment
	// invites by right.
	Members func(ctx context.Context, tx *db.Tx, id string, starts db.Time) ([]Invited, error)
	// Quorum is the rule of the body, with the seats (Invited.Seat) that a conflict
	// of interest keeps out of the whole meeting.
	Quorum func(ctx context.Context, tx *db.Tx, m Meeting) (rule Quorum, recused []string, err error)
	// Notice is how many days before it a meeting has to be announced.
	Notice func(ctx context.Context, tx *db.Tx, id string) (int, error)
}

// Book is where meetings are kept.
type Book struct {
	DB    *db.DB
	Kinds func() *record.Registry // known only once all modules are
	Hosts map[string]Host         // by the kind of the body
	Base  func() string           // public address: "https://open.gov.bz"
}

// May asks whether actor may do an action for the meetings of a body.
func (b *Book) May(ctx context.Context, tx *db.Tx, actor who.Actor, action string, of record.Ref, org string) error {
	limited := actor.Only != nil && !slices.Contains(actor.Only, action) // a key does no more than it was made for
	if h := b.Hosts[of.Kind]; h.May != nil && actor.SignedIn() && !limited {
		return h.May(ctx, tx, actor, action, of.ID)
	}
	return actor.Must(action, who.In(org))
}

// write returns a meeting that actor may change.
func (b *Book) write(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (Meeting, error) {
	m, err := Get(ctx, tx, key)
	if err != nil {
		return m, err
	}
	return m, b.May(ctx, tx, actor, "meeting.write", m.Of, m.Org)
}

// said is what the log keeps of a meeting.
type said struct {
	Title    string     `json:"title"`
	Of       record.Ref `json:"of"`
	Purpose  string     `json:"purpose"`
	Starts   db.Time    `json:"starts"`
	Ends     db.Time    `json:"ends"`
	Venue    string     `json:"venue"`
	District string     `json:"district"`
	Agenda   []Item     `json:"agenda"`
	State    State      `json:"state"`
	Quorate  string     `json:"quorate,omitempty"`
}

func (m *Meeting) said() said {
	return said{m.Title, m.Of, m.Purpose, m.Starts, m.Ends, m.Venue, m.District, m.Agenda.V, m.State, m.Quorate}
}

// tell appends what happened to a meeting. What names people is not public.
func (m *Meeting) tell(ctx context.Context, tx *db.Tx, actor, verb, note string, public bool, before, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor, Verb: verb, Kind: "meeting", Record: m.ID, Org: m.Org, Title: m.Title, Note: note, Public: public, Before: before, After: after,
	})
	return err
}

// Announce stores a new meeting of in.Of with those it invites: the body's
// members by its Host, and more.
func (b *Book) Announce(ctx context.Context, actor who.Actor, in Meeting, more ...Invited) (out Meeting, err error) {
	err = b.DB.Update(ctx, func(tx *db.Tx) error { out, err = b.AnnounceIn(ctx, tx, actor, in, more...); return err })
	return out, err
}

// AnnounceIn is Announce as a part of a transaction.
func (b *Book) AnnounceIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Meeting, more ...Invited) (Meeting, error) {
	card, err := b.Kinds().One(ctx, tx, actor, in.Of)
	if err != nil {
		return in, err
	}
	in.Org = card.Org
	if err := b.May(ctx, tx, actor, "meeting.write", in.Of, in.Org); err != nil {
		return in, err
	}
	in.tidy()
	if err := in.checkAt(tx.Now); err != nil {
		return in, err
	}
	now, h := db.Time{Time: tx.Now}, b.Hosts[in.Of.Kind]
	in.ID, in.State, in.Version, in.CreatedBy, in.Code = id.New(tx.Now), Announced, 1, actor.ID, code()
	in.Announced, in.Timed, in.Changed, in.NoticeDays = now, now, now, NoticeDays
	in.AgendaAt, in.Reminded, in.HeldAt, in.DraftedAt, in.PublishedAt = db.Time{}, db.Time{}, db.Time{}, db.Time{}, db.Time{}
	in.Quorate, in.Reason, in.Sequence, in.Count.V = "", "", 0, Count{}
	if len(in.Agenda.V) > 0 {
		in.AgendaAt = now
	}
	if h.Notice != nil {
		if in.NoticeDays, err = h.Notice(ctx, tx, in.Of.ID); err != nil {
			return in, err
		}
	}
	if err := put(ctx, tx, &in); err != nil {
		return in, err
	}
	if h.Members != nil {
		members, err := h.Members(ctx, tx, in.Of.ID, in.Starts)
		if err != nil {
			return in, err
		}
		more = append(members, more...)
	}
	if err := invite(ctx, tx, in.ID, more); err != nil {
		return in, err
	}
	if _, err := record.NewSlug(ctx, tx, in.Ref(), in.slugText()); err != nil {
		return in, err
	}
	return in, in.tell(ctx, tx, actor.ID, "meeting.announced", "", true, nil, in.said())
}

// slugText is what the readable address is made of: two meetings of one title
// differ by their day.
func (m *Meeting) slugText() string {
	return m.Title + " " + m.Starts.In(zone).Format("2006-01-02")
}

func put(ctx context.Context, tx *db.Tx, m *Meeting) error {
	values := m.values()
	_, err := tx.Exec(ctx, `INSERT INTO meeting (`+columns+`) VALUES (`+places(len(values))+`)`, values...)
	return err
}

// save writes a meeting over the version it was read at, which it raises.
func (m *Meeting) save(ctx context.Context, tx *db.Tx) error {
	m.Changed = db.Time{Time: tx.Now}
	err := tx.MustChange(ctx, `UPDATE meeting SET title = $3, lang = $4, purpose = $5, starts = $6, ends = $7, venue = $8, district = $9, lat = $10,
		lon = $11, link = $12, link_open = $13, langs = $14, notice = $15, guests = $16, capacity = $17, agenda = $18, state = $19, quorate = $20,
		count = $21, reason = $22, timed = $23, agenda_at = $24, reminded = $25, held = $26, drafted = $27, published = $28, sequence = $29,
		changed = $30, version = version + 1 WHERE id = $1 AND version = $2`,
		m.ID, m.Version, m.Title, m.Lang, m.Purpose, m.Starts, m.Ends, m.Venue, m.District, m.Lat, m.Lon, m.Link, m.LinkOpen, m.Langs, m.Notice,
		m.Guests, m.Capacity, m.Agenda, m.State, m.Quorate, m.Count, m.Reason, m.Timed, m.AgendaAt, m.Reminded, m.HeldAt, m.DraftedAt,
		m.PublishedAt, m.Sequence, m.Changed)
	m.Version++
	return err
}

// Edit replaces what a person may change of a meeting that they last saw at
// in.Version: db.ErrConflict if somebody changed it since.
func (b *Book) Edit(ctx context.Context, actor who.Actor, in Meeting) (out Meeting, err error) {
	err = b.DB.Update(ctx, func(tx *db.Tx) error {
		old, err := b.write(ctx, tx, actor, in.ID)
		if err != nil {
			return err
		}
		out = old
		out.Version = in.Version
		out.Title, out.Lang, out.Purpose, out.Starts, out.Ends, out.Venue, out.District = in.Title, in.Lang, in.Purpose, in.Starts, in.Ends, in.Venue, in.District
		out.Lat, out.Lon, out.Link, out.LinkOpen, out.Langs, out.Notice = in.Lat, in.Lon, in.Link, in.LinkOpen, in.Langs, in.Notice
		out.Guests, out.Capacity = in.Guests, in.Capacity
		return b.change(ctx, tx, actor, old, &out)
	})
	return out, err
}

// change checks and saves what became of a meeting by hand.
func (b *Book) change(ctx context.Context, tx *db.Tx, actor who.Actor, old Meeting, m *Meeting) error {
	if old.State != Announced {
		return fault.New(fault.Conflict, "meeting.not_announced")
	}
	m.tidy()
	if err := m.checkAt(tx.Now); err != nil {
		return err
	}
	if !m.Starts.Equal(old.Starts.Time) {
		m.Timed, m.Reminded = db.Time{Time: tx.Now}, db.Time{}
	}
	if len(m.Agenda.V) > 0 && m.AgendaAt.IsZero() {
		m.AgendaAt = db.Time{Time: tx.Now}
	}
	m.Sequence++
	if err := m.save(ctx, tx); err != nil {
		return err
	}
	if m.slugText() != old.slugText() {
		if _, err := record.SetSlug(ctx, tx, m.Ref(), m.slugText()); err != nil {
			return err
		}
	}
	if err := m.promote(ctx, tx, actor.ID); err != nil {
		return err
	}
	verb := "meeting.changed"
	if !m.Starts.Equal(old.Starts.Time) || m.Venue != old.Venue {
		verb = "meeting.moved"
	}
	return m.tell(ctx, tx, actor.ID, verb, "", true, old.said(), m.said())
}

// SetAgenda replaces the agenda of a meeting seen at version.
func (b *Book) SetAgenda(ctx context.Context, actor who.Actor, key string, version int, items []Item) (out Meeting, err error) {
	err = b.DB.Update(ctx, func(tx *db.Tx) error {
		old, err := b.write(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		out = old
		out.Version, out.Agenda.V = version, items
		return b.change(ctx, tx, actor, old, &out)
	})
	return out, err
}

// Cancel calls a meeting off. The reason is public.
func (b *Book) Cancel(ctx context.Context, actor who.Actor, key, reason string) error {
	var p fault.Fields
	p.Require("reason", reason)
	p.MaxLen("reason", reason, 1000)
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if m.State != Announced {
			return fault.New(fault.Conflict, "meeting.not_announced")
		}
		if err := p.Err(); err != nil {
			return err
		}
		before := m.said()
		m.State, m.Reason = Cancelled, reason
		m.Sequence++
		if err := m.save(ctx, tx); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.cancelled", reason, true, before, m.said())
	})
}

// Hold notes that a meeting was held, and whether it was quorate by those whom
// the attendance shows. It cannot be noted before the meeting begins.
func (b *Book) Hold(ctx context.Context, actor who.Actor, key string) (m Meeting, err error) {
	err = b.DB.Update(ctx, func(tx *db.Tx) error {
		if m, err = b.write(ctx, tx, actor, key); err != nil {
			return err
		}
		switch {
		case m.State != Announced:
			return fault.New(fault.Conflict, "meeting.not_announced")
		case tx.Now.Before(m.Starts.Time):
			return fault.New(fault.Conflict, "meeting.not_begun")
		}
		before := m.said()
		if m.Count.V, err = b.CountOf(ctx, tx, m); err != nil {
			return err
		}
		if m.Count.V.Came == 0 {
			return fault.New(fault.Conflict, "meeting.nobody_there")
		}
		m.State, m.HeldAt, m.Quorate = Held, db.Time{Time: tx.Now}, "inquorate"
		if m.Count.V.Quorate {
			m.Quorate = "quorate"
		}
		if err := m.save(ctx, tx); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.held", "", true, before, m.said())
	})
	return m, err
}
