package forum

import (
	"context"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// The limits of terms and vacancies (specification of OGP rules, 7).
const (
	TermYears      = 2
	MaxRenewals    = 1
	AbsencesInARow = 3
	FillDays       = 60 // until a by-election
)

// Seat is a place in a forum.
type Seat struct {
	ID        string
	Forum     string
	Name      string
	Sector    string // one of meeting.Sectors
	District  string
	Chair     bool // its holder is a co-chair
	Created   db.Time
	Abolished db.Time
}

const seatColumns = `id, forum, name, sector, district, chair, created, abolished`

func seatFields(s *Seat) []any {
	return []any{&s.ID, &s.Forum, &s.Name, &s.Sector, &s.District, &s.Chair, &s.Created, &s.Abolished}
}

// SeatsOf returns the seats of a forum that exist, by sector.
func SeatsOf(ctx context.Context, tx *db.Tx, forum string) ([]Seat, error) {
	all, err := seatsOf(ctx, tx, []string{forum})
	return all[forum], err
}

// seatsOf returns the seats of forums, by forum.
func seatsOf(ctx context.Context, tx *db.Tx, forums []string) (map[string][]Seat, error) {
	in, args := db.In(1, forums)
	ss, err := db.List(ctx, tx, seatFields, `SELECT `+seatColumns+` FROM forum_seat WHERE forum IN `+in+` AND abolished IS NULL ORDER BY created, id`, args...)
	slices.SortStableFunc(ss, func(a, b Seat) int {
		return slices.Index(meeting.Sectors, a.Sector) - slices.Index(meeting.Sectors, b.Sector)
	})
	out := map[string][]Seat{}
	for _, s := range ss {
		out[s.Forum] = append(out[s.Forum], s)
	}
	return out, err
}

func seat(ctx context.Context, tx *db.Tx, forum, key string) (Seat, error) {
	return db.Get(ctx, tx, seatFields, `SELECT `+seatColumns+` FROM forum_seat WHERE id = $1 AND forum = $2 AND abolished IS NULL`, key, forum)
}

// Government reports whether a sector is one of the government's.
func Government(sector string) bool { return sector == "government" || sector == "local_government" }

// AddSeat adds a seat to a forum.
func AddSeat(ctx context.Context, d *db.DB, actor who.Actor, forum string, s Seat) (Seat, error) {
	s.Name = strings.Join(strings.Fields(s.Name), " ")
	var p fault.Fields
	p.Require("seat_name", s.Name)
	p.MaxLen("seat_name", s.Name, 120)
	if !slices.Contains(meeting.Sectors, s.Sector) {
		p.Add("sector", "fault.choice")
	}
	if _, ok := geo.DistrictByCode(s.District); s.District != "" && !ok {
		p.Add("district", "fault.choice")
	}
	err := d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, forum)
		if err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		s.ID, s.Forum, s.Created = id.Nth(tx.Now, tx.Next()), f.ID, db.Time{Time: tx.Now}
		if _, err := tx.Exec(ctx, `INSERT INTO forum_seat (`+seatColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)`,
			s.ID, s.Forum, s.Name, s.Sector, s.District, s.Chair, s.Created); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.seat_added", "", nil, map[string]any{"seat": s.ID, "name": s.Name, "sector": s.Sector, "district": s.District, "co_chair": s.Chair})
	})
	return s, err
}

// Abolish takes away a seat that nobody holds.
func Abolish(ctx context.Context, d *db.DB, actor who.Actor, forum, key string) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, forum)
		if err != nil {
			return err
		}
		s, err := seat(ctx, tx, f.ID, key)
		if err != nil {
			return err
		}
		ts, err := TermsOf(ctx, tx, f.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(ts, func(t Term) bool { return t.Seat == s.ID && t.Last() >= today(tx) }) {
			return fault.New(fault.Conflict, "forum.seat_held")
		}
		if err := tx.MustChange(ctx, `UPDATE forum_seat SET abolished = $2 WHERE id = $1`, s.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.seat_abolished", "", map[string]string{"seat": s.ID, "name": s.Name}, nil)
	})
}

// Term is for how long somebody holds a seat.
type Term struct {
	ID         string
	Forum      string
	Seat       string
	Org        string
	Person     string // their account; may be empty
	Name       string // as shown
	Alternate  string // as shown; may be empty
	Starts     string // civil dates, both included
	Ends       string
	Renewal    int    // 0 for the first term
	Filled     string // one of Ways
	Poll       string
	Instrument string
	Recorded   db.Time
	Ended      string // last day, where it ended early
	EndReason  string
	EndNoted   db.Time
}

// Ways are how a seat is filled.
var Ways = []string{"appointment", "self_selection", "election"}

const termColumns = `id, forum, seat, org, person, name, alternate, starts, ends, renewal, filled, poll, instrument, recorded, ended, end_reason, end_recorded`

func termFields(t *Term) []any {
	return []any{
		&t.ID, &t.Forum, &t.Seat, &t.Org, &t.Person, &t.Name, &t.Alternate, &t.Starts, &t.Ends, &t.Renewal, &t.Filled, &t.Poll, &t.Instrument,
		&t.Recorded, &t.Ended, &t.EndReason, &t.EndNoted,
	}
}

// Last is the last day of the term.
func (t Term) Last() string {
	if t.Ended != "" && t.Ended < t.Ends {
		return t.Ended
	}
	return t.Ends
}

// On reports whether the term runs on a civil date.
func (t Term) On(day string) bool { return t.Starts <= day && day <= t.Last() }

// TermsOf returns all terms of a forum, the newest first.
func TermsOf(ctx context.Context, tx *db.Tx, forum string) ([]Term, error) {
	return db.List(ctx, tx, termFields, `SELECT `+termColumns+` FROM forum_term WHERE forum = $1 ORDER BY starts DESC, id DESC`, forum)
}

// Member is a seat with the term that runs on a day.
type Member struct {
	Seat Seat
	Term Term
}

// MembersOn returns who sits in a forum on a civil date, by sector.
func MembersOn(ctx context.Context, tx *db.Tx, forum, day string) ([]Member, error) {
	all, err := RostersOn(ctx, tx, []string{forum}, day)
	return all[forum].Members, err
}

// Roster is the seats of a forum and who sits in them on a day, by sector.
type Roster struct {
	Seats   []Seat
	Members []Member
}

// RostersOn returns the rosters of forums on a civil date, by forum.
func RostersOn(ctx context.Context, tx *db.Tx, forums []string, day string) (map[string]Roster, error) {
	seats, err := seatsOf(ctx, tx, forums)
	if err != nil {
		return nil, err
	}
	in, args := db.In(2, forums)
	ts, err := db.List(ctx, tx, termFields, `SELECT `+termColumns+` FROM forum_term WHERE starts <= $1 AND forum IN `+in+` ORDER BY starts DESC, id DESC`, append([]any{day}, args...)...)
	held := map[string]Term{}
	for _, t := range ts {
		if _, taken := held[t.Seat]; !taken && t.On(day) {
			held[t.Seat] = t
		}
	}
	out := map[string]Roster{}
	for forum, ss := range seats {
		r := Roster{Seats: ss}
		for _, s := range ss {
			if t, ok := held[s.ID]; ok {
				r.Members = append(r.Members, Member{s, t})
			}
		}
		out[forum] = r
	}
	return out, err
}

// coChairs returns the people who hold a co-chair's seat today.
func coChairs(ctx context.Context, tx *db.Tx, forum string) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT t.person FROM forum_term t JOIN forum_seat s ON s.id = t.seat WHERE t.forum = $1 AND s.chair AND s.abolished IS NULL
		AND t.person <> '' AND t.starts <= $2 AND t.ends >= $2 AND (t.ended = '' OR t.ended >= $2)`, forum, today(tx))
}

// Appoint gives a seat to somebody by an instrument, or as their sector chose.
func Appoint(ctx context.Context, d *db.DB, actor who.Actor, forum string, t Term) (Term, error) {
	err := d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, forum)
		if err != nil {
			return err
		}
		var p fault.Fields
		if t.Filled != "appointment" && t.Filled != "self_selection" {
			p.Add("filled", "fault.choice")
		}
		p.Require("instrument", t.Instrument)
		p.MaxLen("instrument", t.Instrument, 500)
		if err := p.Err(); err != nil {
			return err
		}
		t.Poll = ""
		t, err = begin(ctx, tx, actor.ID, f, t)
		return err
	})
	return t, err
}

// begin checks and writes a term.
func begin(ctx context.Context, tx *db.Tx, by string, f Forum, t Term) (Term, error) {
	s, err := seat(ctx, tx, f.ID, t.Seat)
	if err != nil {
		return t, err
	}
	if t.Ends == "" {
		if from, err := time.Parse(time.DateOnly, t.Starts); err == nil {
			t.Ends = from.AddDate(TermYears, 0, -1).Format(time.DateOnly)
		}
	}
	all, err := TermsOf(ctx, tx, f.ID)
	if err != nil {
		return t, err
	}
	if err := t.check(ctx, tx, s, all); err != nil {
		return t, err
	}
	t.ID, t.Forum, t.Recorded, t.Ended, t.EndReason = id.Nth(tx.Now, tx.Next()), f.ID, db.Time{Time: tx.Now}, "", ""
	if _, err := tx.Exec(ctx, `INSERT INTO forum_term (`+termColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', '', NULL)`,
		t.ID, t.Forum, t.Seat, t.Org, t.Person, t.Name, t.Alternate, t.Starts, t.Ends, t.Renewal, t.Filled, t.Poll, t.Instrument, t.Recorded); err != nil {
		return t, err
	}
	after := map[string]any{"term": t.ID, "seat": s.Name, "org": t.Org, "starts": t.Starts, "ends": t.Ends, "filled": t.Filled, "poll": t.Poll, "instrument": t.Instrument, "renewal": t.Renewal}
	return t, f.tell(ctx, tx, by, "forum.term_begun", "", nil, after)
}

// check reports what is wrong with a new term among all others, and counts its
// renewals: the terms of the same organisation in this seat that ran up to it.
func (t *Term) check(ctx context.Context, tx *db.Tx, s Seat, all []Term) error {
	t.Name, t.Alternate = strings.TrimSpace(t.Name), strings.TrimSpace(t.Alternate)
	var p fault.Fields
	p.Require("org", t.Org)
	p.Require("member_name", t.Name)
	p.MaxLen("member_name", t.Name, 200)
	p.MaxLen("alternate", t.Alternate, 200)
	from, err1 := time.Parse(time.DateOnly, t.Starts)
	to, err2 := time.Parse(time.DateOnly, t.Ends)
	switch {
	case err1 != nil:
		p.Add("starts", "fault.date")
	case err2 != nil || to.Before(from):
		p.Add("ends", "forum.ends_first")
	case to.After(from.AddDate(TermYears, 0, -1)):
		p.Add("ends", "forum.term_long")
	}
	if t.Org != "" {
		o, err := org.Get(ctx, tx, t.Org)
		if err != nil {
			return err
		}
		if !fits(s.Sector, o.Kind) {
			p.Add("org", "forum.wrong_sector")
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	t.Renewal = 0
	for _, x := range all {
		if x.Seat != t.Seat {
			continue
		}
		if x.Starts <= t.Ends && t.Starts <= x.Last() {
			return fault.New(fault.Conflict, "forum.seat_taken", "from", x.Starts, "to", x.Last())
		}
	}
	if err := t.alone(ctx, tx, all); err != nil {
		return err
	}
	last := from
	for _, x := range all { // the newest first
		if end, err := time.Parse(time.DateOnly, x.Last()); err == nil && x.Seat == t.Seat && x.Org == t.Org && end.Before(last) && last.Sub(end) <= 366*24*time.Hour {
			t.Renewal++
			last, _ = time.Parse(time.DateOnly, x.Starts)
		}
	}
	if t.Renewal > MaxRenewals {
		p.Add("org", "forum.renewed_already")
	}
	return p.Err()
}

// fits reports whether organisations of a kind hold seats of a sector.
func fits(sector string, kind org.Kind) bool {
	switch sector {
	case "government":
		return kind == org.National
	case "local_government":
		return kind == org.Subnational
	case "private":
		return kind == org.Private
	case "academia":
		return kind == org.Academia
	case "media":
		return kind == org.Media
	}
	return kind == org.CivilSociety // youth and indigenous organisations too
}

// End ends a term early, on the present day, with a reason: resignation, removal,
// absence. The seat is vacant from the next day.
func End(ctx context.Context, d *db.DB, actor who.Actor, forum, term, reason string) error {
	var p fault.Fields
	p.Require("reason", reason)
	p.MaxLen("reason", reason, 1000)
	return d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, forum)
		if err != nil {
			return err
		}
		t, err := db.Get(ctx, tx, termFields, `SELECT `+termColumns+` FROM forum_term WHERE id = $1 AND forum = $2`, term, f.ID)
		if err != nil {
			return err
		}
		if t.Last() <= today(tx) {
			return fault.New(fault.Conflict, "forum.term_over")
		}
		if err := p.Err(); err != nil {
			return err
		}
		last := max(today(tx), t.Starts)
		if err := tx.MustChange(ctx, `UPDATE forum_term SET ended = $2, end_reason = $3, end_recorded = $4 WHERE id = $1 AND ended = ''`, t.ID, last, reason, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.term_ended", reason, map[string]string{"term": t.ID, "ends": t.Ends}, map[string]string{"term": t.ID, "ends": last})
	})
}

// Share is how one sector sits in a forum.
type Share struct {
	Sector string
	Seats  int
	Filled int
}

// FiveSectors are those that a forum is to bring together (SEED-60).
var FiveSectors = []string{"government", "civil_society", "private", "academia", "media"}

// Composition is seats and members by sector: the five of SEED-60, with those
// that have none, and the others that have seats.
func Composition(seats []Seat, members []Member) (out []Share) {
	for _, sector := range meeting.Sectors {
		s := Share{Sector: sector}
		for _, x := range seats {
			if x.Sector == sector {
				s.Seats++
			}
		}
		for _, m := range members {
			if m.Seat.Sector == sector {
				s.Filled++
			}
		}
		if s.Seats > 0 || slices.Contains(FiveSectors, sector) {
			out = append(out, s)
		}
	}
	return out
}

// Balance is how government and others stand among those who sit in a forum.
type Balance struct {
	Government, Others, CivilSociety int
}

// BalanceOf counts the members.
func BalanceOf(members []Member) (b Balance) {
	for _, m := range members {
		switch {
		case Government(m.Seat.Sector):
			b.Government++
		case m.Seat.Sector == "civil_society":
			b.CivilSociety++
			b.Others++
		default:
			b.Others++
		}
	}
	return b
}

// Breach says which rule of parity is broken: "parity" if government and others
// differ by more than one, "civil_society" if civil society is less than half of
// the others, or nothing (specification of OGP rules, 7, T7.5).
func (b Balance) Breach() string {
	switch diff := b.Government - b.Others; {
	case diff > 1 || diff < -1:
		return "parity"
	case 2*b.CivilSociety < b.Others:
		return "civil_society"
	}
	return ""
}

// Vacancy is a seat that nobody holds.
type Vacancy struct {
	Seat  Seat
	Since string // civil date
	Left  int    // days until it has to be filled; negative when that is past
}

// Vacancies returns the empty seats on a day, with the days that are left.
func Vacancies(seats []Seat, terms []Term, day string) (out []Vacancy) {
	for _, s := range seats {
		since := s.Created.In(zone).Format(time.DateOnly)
		held := false
		for _, t := range terms {
			if t.Seat != s.ID {
				continue
			}
			held = held || t.On(day)
			if last := t.Last(); last < day && last >= since {
				if end, err := time.Parse(time.DateOnly, last); err == nil {
					since = end.AddDate(0, 0, 1).Format(time.DateOnly)
				}
			}
		}
		if held {
			continue
		}
		from, err1 := time.Parse(time.DateOnly, since)
		now, err2 := time.Parse(time.DateOnly, day)
		if err1 == nil && err2 == nil {
			out = append(out, Vacancy{s, since, FillDays - int(now.Sub(from).Hours()/24)})
		}
	}
	return out
}

// Absent returns the members who missed the last three meetings to which their
// term was invited.
func Absent(ctx context.Context, tx *db.Tx, forum string, members []Member) (out []Member, err error) {
	held, err := meeting.HeldBy(ctx, tx, record.Ref{Kind: "forum", ID: forum}, 12)
	if err != nil {
		return nil, err
	}
	missed, over := map[string]int{}, map[string]bool{}
	for _, m := range held { // the newest first
		seats, here, err := presentSeats(ctx, tx, m)
		if err != nil {
			return nil, err
		}
		for _, x := range members {
			if over[x.Seat.ID] || !seats[x.Seat.ID] || x.Term.Starts > m.Starts.In(zone).Format(time.DateOnly) {
				continue
			}
			if here[x.Seat.ID] {
				over[x.Seat.ID] = true
				continue
			}
			missed[x.Seat.ID]++
		}
	}
	for _, x := range members {
		if missed[x.Seat.ID] >= AbsencesInARow {
			out = append(out, x)
		}
	}
	return out, nil
}

// presentSeats returns the seats that a meeting invited, and those whose member
// or alternate came.
func presentSeats(ctx context.Context, tx *db.Tx, m meeting.Meeting) (invited, here map[string]bool, err error) {
	list, err := meeting.InvitedTo(ctx, tx, m.ID)
	if err != nil {
		return nil, nil, err
	}
	came, err := meeting.AttendanceAt(ctx, tx, m.ID, db.Time{Time: tx.Now})
	invited, here = map[string]bool{}, map[string]bool{}
	for _, i := range list {
		if i.Seat == "" {
			continue
		}
		invited[i.Seat] = true
		here[i.Seat] = slices.ContainsFunc(came, func(a meeting.Attendance) bool { return a.Subject == i.ID && a.Present })
	}
	return invited, here, err
}
