package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Invited is somebody whom a meeting counts on: a member of the body, or
// somebody who was asked to come.
type Invited struct {
	ID       string
	Org      string // for whom they come; may be empty
	Person   string // their account; may be empty
	Name     string // as shown
	Sector   string // one of Sectors
	District string
	Seat     string // of the body; empty for those who hold none
}

const invitedColumns = `id, org, person, name, sector, district, seat`

func invitedFields(i *Invited) []any {
	return []any{&i.ID, &i.Org, &i.Person, &i.Name, &i.Sector, &i.District, &i.Seat}
}

// places returns "$1, $2, …, $n".
func places(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(out, ", ")
}

// InvitedTo returns whom a meeting invites, in the order of the list.
func InvitedTo(ctx context.Context, tx *db.Tx, meeting string) ([]Invited, error) {
	return db.List(ctx, tx, invitedFields, `SELECT `+invitedColumns+` FROM meeting_invited WHERE meeting = $1 AND NOT removed ORDER BY position, id`, meeting)
}

// invite adds people to the list of a meeting.
func invite(ctx context.Context, tx *db.Tx, meeting string, list []Invited) error {
	last, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(position), 0) FROM meeting_invited WHERE meeting = $1`, meeting)
	if err != nil {
		return err
	}
	for n, i := range list {
		if err := i.check(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO meeting_invited (id, meeting, position, org, person, name, sector, district, seat, removed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE)`,
			id.Nth(tx.Now, tx.Next()), meeting, last+n+1, i.Org, i.Person, strings.TrimSpace(i.Name), i.Sector, i.District, i.Seat); err != nil {
			return err
		}
	}
	return nil
}

func (i Invited) check() error {
	var p fault.Fields
	p.Require("name", i.Name)
	p.MaxLen("name", i.Name, 200)
	if !slices.Contains(Sectors, i.Sector) {
		p.Add("sector", "fault.choice")
	}
	if _, ok := geo.DistrictByCode(i.District); i.District != "" && !ok {
		p.Add("district", "fault.choice")
	}
	return p.Err()
}

// Invite adds somebody to the list of a meeting that is not over.
func (b *Book) Invite(ctx context.Context, actor who.Actor, key string, i Invited) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if m.State != Announced {
			return fault.New(fault.Conflict, "meeting.not_announced")
		}
		i.Seat = "" // seats are the body's to fill
		if err := invite(ctx, tx, m.ID, []Invited{i}); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.invited", "", false, nil, about{Person: i.Person, Org: i.Org})
	})
}

// Uninvite takes somebody who holds no seat off the list.
func (b *Book) Uninvite(ctx context.Context, actor who.Actor, key, invited string) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if m.State != Announced {
			return fault.New(fault.Conflict, "meeting.not_announced")
		}
		if n, err := tx.Exec(ctx, `UPDATE meeting_invited SET removed = TRUE WHERE id = $1 AND meeting = $2 AND seat = '' AND NOT removed`, invited, m.ID); err != nil || n == 0 {
			return errors.Join(err, db.ErrNotFound)
		}
		return m.tell(ctx, tx, actor.ID, "meeting.uninvited", "", false, map[string]string{"invited": invited}, nil)
	})
}

// Guest is somebody who registered.
type Guest struct {
	ID       string
	Person   string
	State    string // confirmed, waiting, cancelled
	Sector   string
	District string
	Created  db.Time
	Place    int // among those who wait, from 1; 0 for others
}

const guestColumns = `id, person, state, sector, district, created`

func guestFields(g *Guest) []any {
	return []any{&g.ID, &g.Person, &g.State, &g.Sector, &g.District, &g.Created}
}

// GuestsOf returns those who registered and have not cancelled, first come
// first. They are shown to those who run the meeting only.
func GuestsOf(ctx context.Context, tx *db.Tx, meeting string) ([]Guest, error) {
	gs, err := db.List(ctx, tx, guestFields, `SELECT `+guestColumns+` FROM meeting_guest WHERE meeting = $1 AND state <> 'cancelled' ORDER BY created, id`, meeting)
	n := 0
	for i := range gs {
		if gs[i].State == "waiting" {
			n++
			gs[i].Place = n
		}
	}
	return gs, err
}

// GuestOf returns the registration of a person, or db.ErrNotFound.
func GuestOf(ctx context.Context, tx *db.Tx, meeting, person string) (Guest, error) {
	gs, err := GuestsOf(ctx, tx, meeting)
	for _, g := range gs {
		if person != "" && g.Person == person {
			return g, err
		}
	}
	if err == nil {
		err = db.ErrNotFound
	}
	return Guest{}, err
}

// Register gives actor a place as a guest, or one on the waiting list.
func (b *Book) Register(ctx context.Context, actor who.Actor, key, sector, district string) (g Guest, err error) {
	if err := actor.Must("meeting.register", who.Site); err != nil {
		return g, err
	}
	if err := (Invited{Name: "x", Sector: sector, District: district}).check(); err != nil {
		return g, err
	}
	err = b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := Get(ctx, tx, key)
		switch {
		case err != nil:
			return err
		case m.State != Announced || !tx.Now.Before(m.Ends.Time):
			return fault.New(fault.Conflict, "meeting.not_announced")
		case !m.Guests:
			return fault.New(fault.Conflict, "meeting.no_guests")
		}
		if g, err = GuestOf(ctx, tx, m.ID, actor.ID); err == nil {
			return nil // twice is no error and no news
		}
		full, err := m.full(ctx, tx)
		if err != nil {
			return err
		}
		g = Guest{ID: id.New(tx.Now), Person: actor.ID, State: "confirmed", Sector: sector, District: district, Created: db.Time{Time: tx.Now}}
		if full {
			g.State = "waiting"
		}
		// Whoever cancelled and comes again stands at the end.
		if _, err := tx.Exec(ctx, `INSERT INTO meeting_guest (id, meeting, person, state, sector, district, created, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
			ON CONFLICT (meeting, person) WHERE person <> '' DO UPDATE SET id = excluded.id, state = excluded.state, sector = excluded.sector,
			district = excluded.district, created = excluded.created, changed = excluded.changed`,
			g.ID, m.ID, g.Person, g.State, g.Sector, g.District, g.Created); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.registered", "", false, nil, map[string]string{"person": actor.ID, "state": g.State})
	})
	return g, err
}

// full reports whether no place for guests is left.
func (m *Meeting) full(ctx context.Context, tx *db.Tx) (bool, error) {
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM meeting_guest WHERE meeting = $1 AND state = 'confirmed'`, m.ID)
	return m.Capacity > 0 && n >= m.Capacity, err
}

// Unregister cancels actor's own registration; the first who waits moves up.
func (b *Book) Unregister(ctx context.Context, actor who.Actor, key string) error {
	if !actor.SignedIn() {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := Get(ctx, tx, key)
		if err != nil {
			return err
		}
		g, err := GuestOf(ctx, tx, m.ID, actor.ID)
		if err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE meeting_guest SET state = 'cancelled', changed = $2 WHERE id = $1`, g.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		if err := m.tell(ctx, tx, actor.ID, "meeting.unregistered", "", false, map[string]string{"person": actor.ID}, nil); err != nil {
			return err
		}
		return m.promote(ctx, tx, "system:meeting")
	})
}

// promote gives free places to those who wait, in the order in which they came.
func (m *Meeting) promote(ctx context.Context, tx *db.Tx, by string) error {
	if m.State != Announced {
		return nil
	}
	for {
		full, err := m.full(ctx, tx)
		if err != nil || full {
			return err
		}
		g, err := db.Get(ctx, tx, guestFields, `SELECT `+guestColumns+` FROM meeting_guest WHERE meeting = $1 AND state = 'waiting' ORDER BY created, id LIMIT 1`, m.ID)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE meeting_guest SET state = 'confirmed', changed = $2 WHERE id = $1`, g.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		if err := m.tell(ctx, tx, by, "meeting.promoted", "", false, nil, map[string]string{"person": g.Person}); err != nil {
			return err
		}
	}
}

// MayJoin reports whether a reader sees the link to the meeting: everybody where
// it is open, else those invited, those with a confirmed place, and those who
// may write.
func (b *Book) MayJoin(ctx context.Context, tx *db.Tx, actor who.Actor, m Meeting) (bool, error) {
	if m.LinkOpen || m.Link == "" {
		return true, nil
	}
	if !actor.SignedIn() {
		return false, nil
	}
	if b.May(ctx, tx, actor, "meeting.write", m.Of, m.Org) == nil {
		return true, nil
	}
	mine, err := b.IsInvited(ctx, tx, actor, m)
	if err != nil || mine {
		return mine, err
	}
	g, err := GuestOf(ctx, tx, m.ID, actor.ID)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return g.State == "confirmed", err
}

// MayJoinOf is MayJoin for many meetings, by id: a list asks once for all, and once
// for each body that meets.
func (b *Book) MayJoinOf(ctx context.Context, tx *db.Tx, actor who.Actor, ms []Meeting) (map[string]bool, error) {
	out, writes := map[string]bool{}, map[record.Ref]bool{}
	var asked []string
	for _, m := range ms {
		if m.LinkOpen || m.Link == "" {
			out[m.ID] = true
			continue
		}
		if !actor.SignedIn() {
			continue
		}
		may, known := writes[m.Of]
		if !known {
			may = b.May(ctx, tx, actor, "meeting.write", m.Of, m.Org) == nil
			writes[m.Of] = may
		}
		if out[m.ID] = may; !may {
			asked = append(asked, m.ID)
		}
	}
	if len(asked) == 0 {
		return out, nil
	}
	in, args := db.In(1, asked)
	type place struct {
		Invited
		meeting string
	}
	invited, err := db.List(ctx, tx, func(p *place) []any { return append(invitedFields(&p.Invited), &p.meeting) },
		`SELECT `+invitedColumns+`, meeting FROM meeting_invited WHERE NOT removed AND meeting IN `+in, args...)
	if err != nil {
		return nil, err
	}
	for _, i := range invited {
		out[i.meeting] = out[i.meeting] || i.is(actor)
	}
	in, args = db.In(2, asked)
	guest, err := db.List(ctx, tx, db.One[string], `SELECT meeting FROM meeting_guest WHERE person = $1 AND state = 'confirmed' AND meeting IN `+in, append([]any{actor.ID}, args...)...)
	for _, id := range guest {
		out[id] = true
	}
	return out, err
}

// IsInvited reports whether actor stands on the list, or speaks for an
// organisation that does.
func (b *Book) IsInvited(ctx context.Context, tx *db.Tx, actor who.Actor, m Meeting) (bool, error) {
	list, err := InvitedTo(ctx, tx, m.ID)
	return slices.ContainsFunc(list, func(i Invited) bool { return i.is(actor) }), err
}

// is reports whether the invitation is actor's, by name or for their
// organisation where nobody is named.
func (i Invited) is(actor who.Actor) bool {
	if !actor.SignedIn() {
		return false
	}
	if i.Person != "" {
		return i.Person == actor.ID
	}
	return i.Org != "" && slices.ContainsFunc(actor.Grants, func(g who.Grant) bool { return g.Org == i.Org })
}
