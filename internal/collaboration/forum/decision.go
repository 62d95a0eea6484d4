package forum

import (
	"context"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Motion is what is put to a forum, and its decision once it is made.
type Motion struct {
	ID      string
	Forum   string
	Number  int    // in its forum
	Meeting string // at which it is decided
	Org     string
	Title   string
	Text    string // Markdown
	Lang    string
	About   record.Ref // what it decides about; may be empty
	State   string     // proposed, voting, adopted, rejected
	Way     string     // consensus or vote, once it is decided
	Poll    string
	Count   db.JSON[meeting.Count]
	By      string
	Created db.Time
	Decided db.Time
	Changed db.Time
	Version int
}

const motionColumns = `id, forum, number, meeting, org, title, text, lang, about_kind, about_id, state, way, poll, count, created_by, created, decided, changed, version`

func motionFields(m *Motion) []any {
	return []any{
		&m.ID, &m.Forum, &m.Number, &m.Meeting, &m.Org, &m.Title, &m.Text, &m.Lang, &m.About.Kind, &m.About.ID, &m.State, &m.Way, &m.Poll, &m.Count,
		&m.By, &m.Created, &m.Decided, &m.Changed, &m.Version,
	}
}

// Ref names the decision.
func (m *Motion) Ref() record.Ref { return record.Ref{Kind: "decision", ID: m.ID} }

// Decision returns a decision, or what is still to be decided. All are public.
func Decision(ctx context.Context, tx *db.Tx, key string) (Motion, error) {
	return db.Get(ctx, tx, motionFields, `SELECT `+motionColumns+` FROM forum_decision WHERE id = $1`, key)
}

// DecisionsOf returns the decisions of a forum, the newest first.
func DecisionsOf(ctx context.Context, tx *db.Tx, forum string, limit int) ([]Motion, error) {
	return db.List(ctx, tx, motionFields, `SELECT `+motionColumns+` FROM forum_decision WHERE forum = $1 ORDER BY number DESC LIMIT $2`, forum, limit)
}

func (m *Motion) tell(ctx context.Context, tx *db.Tx, actor, verb, note string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor, Verb: verb, Kind: "decision", Record: m.ID, Org: m.Org, Title: m.Title, Note: note, Public: true, After: after,
	})
	return err
}

// Propose puts a text to a meeting of a forum.
func (fs *Forums) Propose(ctx context.Context, actor who.Actor, forum string, m Motion) (Motion, error) {
	m.Title = strings.Join(strings.Fields(m.Title), " ")
	var p fault.Fields
	p.Require("title", m.Title)
	p.MaxLen("title", m.Title, 200)
	p.Require("text", m.Text)
	p.MaxLen("text", m.Text, 20_000)
	err := fs.DB.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, forum)
		if err != nil {
			return err
		}
		if f.State != Established {
			return fault.New(fault.Conflict, "forum.not_established")
		}
		at, err := meeting.Get(ctx, tx, m.Meeting)
		if err != nil || at.Of != f.Ref() || at.State == meeting.Cancelled {
			p.Add("meeting", "fault.choice")
		}
		if err := p.Err(); err != nil {
			return err
		}
		if m.About.Kind != "" {
			if _, err := fs.Kinds().One(ctx, tx, actor, m.About); err != nil {
				return err
			}
		}
		if m.Number, err = db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(number), 0) + 1 FROM forum_decision WHERE forum = $1`, f.ID); err != nil {
			return err
		}
		m.ID, m.Forum, m.Org, m.Lang, m.State, m.Way, m.Poll = id.Nth(tx.Now, tx.Next()), f.ID, f.Org, f.Lang, "proposed", "", ""
		m.By, m.Created, m.Changed, m.Version, m.Decided, m.Count.V = actor.ID, db.Time{Time: tx.Now}, db.Time{Time: tx.Now}, 1, db.Time{}, meeting.Count{}
		if _, err := tx.Exec(ctx, `INSERT INTO forum_decision (`+motionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
			m.ID, m.Forum, m.Number, m.Meeting, m.Org, m.Title, m.Text, m.Lang, m.About.Kind, m.About.ID, m.State, m.Way, m.Poll, m.Count, m.By, m.Created, m.Decided, m.Changed, m.Version); err != nil {
			return err
		}
		if _, err := record.NewSlug(ctx, tx, m.Ref(), m.Title); err != nil {
			return err
		}
		if err := m.tell(ctx, tx, actor.ID, "decision.proposed", "", map[string]any{"forum": f.ID, "number": m.Number, "text": m.Text, "meeting": m.Meeting, "about": m.About}); err != nil {
			return err
		}
		if m.About.Kind == "" {
			return nil
		}
		return record.Link(ctx, tx, actor, m.Ref(), "about", m.About)
	})
	return m, err
}

// Position is where a member stands on a motion.
type Position struct {
	Term   string
	Stand  string // one of Stands
	Reason string
	By     string
	At     db.Time
}

// Stands are where a member may stand. Who stands aside lets a consensus pass;
// who objects does not; who is recused does not take part.
var Stands = []string{"agree", "aside", "object", "recused"}

// PositionsOf returns where members stand on a motion, by term.
func PositionsOf(ctx context.Context, tx *db.Tx, motion string) (map[string]Position, error) {
	list, err := db.List(ctx, tx, func(p *Position) []any { return []any{&p.Term, &p.Stand, &p.Reason, &p.By, &p.At} },
		`SELECT term, position, reason, by_person, at FROM forum_position a WHERE decision = $1 AND n = (SELECT max(n) FROM forum_position b WHERE b.decision = a.decision AND b.term = a.term)`, motion)
	out := map[string]Position{}
	for _, p := range list {
		out[p.Term] = p
	}
	return out, err
}

// open returns a motion that is not decided yet, with its forum.
func (fs *Forums) open(ctx context.Context, tx *db.Tx, key string) (Motion, Forum, error) {
	m, err := Decision(ctx, tx, key)
	if err != nil {
		return m, Forum{}, err
	}
	f, err := Get(ctx, tx, m.Forum)
	if err == nil && (m.State == "adopted" || m.State == "rejected") {
		err = fault.New(fault.Conflict, "forum.decided")
	}
	return m, f, err
}

// Stand notes where a member stands, by the chair or by the member. Whoever
// objects or is recused says why; both are public. A member may add their
// dissent after the decision too. A recusal during a vote takes the voter out.
func (fs *Forums) Stand(ctx context.Context, actor who.Actor, key string, in Position) error {
	var p fault.Fields
	if !slices.Contains(Stands, in.Stand) {
		p.Add("position", "fault.choice")
	}
	if in.Stand == "object" || in.Stand == "recused" {
		p.Require("reason", in.Reason)
	}
	p.MaxLen("reason", in.Reason, 2000)
	return fs.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := Decision(ctx, tx, key)
		if err != nil {
			return err
		}
		f, err := Get(ctx, tx, m.Forum)
		if err != nil {
			return err
		}
		members, err := MembersOn(ctx, tx, f.ID, today(tx))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(members, func(x Member) bool { return x.Term.ID == in.Term })
		own := i >= 0 && actor.SignedIn() && actor.Key == "" && members[i].Term.Person == actor.ID
		if !own {
			if err := May(ctx, tx, actor, f); err != nil {
				return err
			}
		}
		if i < 0 {
			return fault.New(fault.Conflict, "forum.not_member")
		}
		if done := m.State == "adopted" || m.State == "rejected"; done && !(own && in.Stand == "object") {
			return fault.New(fault.Conflict, "forum.decided")
		}
		if err := p.Err(); err != nil {
			return err
		}
		if err := staysOut(ctx, tx, actor, m, f, in); err != nil {
			return err
		}
		return fs.note(ctx, tx, actor, m, members[i], in)
	})
}

// note keeps where a member stands. A recusal during a vote takes them out of it.
func (fs *Forums) note(ctx context.Context, tx *db.Tx, actor who.Actor, m Motion, member Member, in Position) error {
	if m.State == "voting" && in.Stand == "recused" {
		if err := fs.Ballots.Recuse(ctx, tx, actor, m.Poll, voterOf(member).ID, in.Reason); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO forum_position (id, decision, term, position, reason, by_person, at, n) VALUES ($1, $2, $3, $4, $5, $6, $7,
		(SELECT coalesce(max(n), 0) + 1 FROM forum_position WHERE decision = $2 AND term = $3))`,
		id.Nth(tx.Now, tx.Next()), m.ID, in.Term, in.Stand, in.Reason, actor.ID, db.Time{Time: tx.Now}); err != nil {
		return err
	}
	return m.tell(ctx, tx, actor.ID, "decision.position_noted", in.Reason, map[string]string{"term": in.Term, "position": in.Stand})
}

// staysOut refuses a member's own word where somebody else noted them as recused:
// those who run the forum noted it, and they alone take it back.
func staysOut(ctx context.Context, tx *db.Tx, actor who.Actor, m Motion, f Forum, in Position) error {
	all, err := PositionsOf(ctx, tx, m.ID)
	if old := all[in.Term]; err != nil || in.Stand == "recused" || old.Stand != "recused" || old.By == actor.ID {
		return err
	}
	return backIn(May(ctx, tx, actor, f))
}

// backIn turns what May said into what a member hears who was noted as recused:
// only a refusal is one, a failure to find out is not.
func backIn(may error) error {
	if fault.KindOf(may) == fault.Denied {
		return fault.New(fault.Denied, "forum.recused_noted").Wrap(may)
	}
	return may
}

// Table is who may decide a motion now: the members whose term runs, with what
// the meeting's attendance and their positions say of them.
type Table struct {
	Members   []Member
	Here      map[string]bool // by seat
	Positions map[string]Position
	Count     meeting.Count
}

// TableOf returns who may decide a motion at the moment of tx. A term that ended
// counts no more, even in the middle of the meeting.
func TableOf(ctx context.Context, tx *db.Tx, m Motion) (t Table, err error) {
	if t.Members, err = MembersOn(ctx, tx, m.Forum, today(tx)); err != nil {
		return t, err
	}
	if t.Positions, err = PositionsOf(ctx, tx, m.ID); err != nil {
		return t, err
	}
	at, err := meeting.Get(ctx, tx, m.Meeting)
	if err != nil {
		return t, err
	}
	if _, t.Here, err = presentSeats(ctx, tx, at); err != nil {
		return t, err
	}
	var seats []meeting.Seat
	for _, x := range t.Members {
		seats = append(seats, meeting.Seat{Sector: x.Seat.Sector, Present: t.Here[x.Seat.ID], Recused: t.Positions[x.Term.ID].Stand == "recused"})
	}
	t.Count = meeting.DefaultQuorum.Of(seats)
	return t, nil
}

// lacks says why there is no consensus: a key, and who is missing.
func (t Table) lacks() error {
	if !t.Count.Quorate {
		return fault.New(fault.Conflict, "forum.no_quorum")
	}
	gov, cs := false, false
	for _, x := range t.Members {
		if t.Here[x.Seat.ID] && t.Positions[x.Term.ID].Stand != "recused" {
			gov, cs = gov || Government(x.Seat.Sector), cs || x.Seat.Sector == "civil_society"
		}
	}
	if !gov || !cs { // one side alone decides nothing, however many of its seats are filled
		return fault.New(fault.Conflict, "forum.one_sided")
	}
	for _, x := range t.Members {
		stand := t.Positions[x.Term.ID].Stand
		switch {
		case stand == "recused" || !t.Here[x.Seat.ID]:
		case stand == "":
			return fault.New(fault.Conflict, "forum.silent", "name", x.Term.Name)
		case stand == "object":
			return fault.New(fault.Conflict, "forum.objection", "name", x.Term.Name)
		}
	}
	return nil
}

// Agree adopts a motion by consensus: quorate, with the position of each member
// who is present and not recused, and no objection.
func (fs *Forums) Agree(ctx context.Context, actor who.Actor, key string) error {
	return fs.DB.Update(ctx, func(tx *db.Tx) error {
		m, f, err := fs.open(ctx, tx, key)
		if err != nil {
			return err
		}
		if _, err := own(ctx, tx, actor, f.ID); err != nil {
			return err
		}
		if m.State != "proposed" {
			return fault.New(fault.Conflict, "forum.is_voting")
		}
		t, err := TableOf(ctx, tx, m)
		if err != nil {
			return err
		}
		if err := t.lacks(); err != nil {
			return err
		}
		m.Count.V = t.Count
		return m.end(ctx, tx, actor.ID, "adopted", "consensus")
	})
}

// end writes what was decided.
func (m *Motion) end(ctx context.Context, tx *db.Tx, by, state, way string) error {
	m.State, m.Way, m.Decided, m.Changed = state, way, db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE forum_decision SET state = $3, way = $4, decided = $5, changed = $5, count = $6, version = version + 1 WHERE id = $1 AND version = $2`,
		m.ID, m.Version, m.State, m.Way, m.Decided, m.Count); err != nil {
		return err
	}
	m.Version++
	return m.tell(ctx, tx, by, "decision."+state, "", map[string]any{"forum": m.Forum, "number": m.Number, "way": way, "poll": m.Poll, "text": m.Text})
}

// bloc is how a member counts in a double majority.
func bloc(sector string) string {
	if Government(sector) {
		return "government"
	}
	return sector
}

// voterOf is a member as a voter: the person, or the organisation where no
// person has an account.
func voterOf(x Member) ballot.Voter {
	v := ballot.Voter{ID: x.Term.Person, Kind: ballot.Person, Bloc: bloc(x.Seat.Sector), District: x.Seat.District}
	if v.ID == "" {
		v.ID, v.Kind = x.Term.Org, ballot.Org
	}
	return v
}

// PutToVote opens a vote on a motion for which there is no consensus: open, for
// hours, adopted by more than half of the votes overall, in government and in
// civil society. The members whose term runs vote, without those recused.
func (fs *Forums) PutToVote(ctx context.Context, actor who.Actor, key string, hours int) (p ballot.Poll, err error) {
	err = fs.DB.Update(ctx, func(tx *db.Tx) error {
		m, f, err := fs.open(ctx, tx, key)
		if err != nil {
			return err
		}
		if _, err := own(ctx, tx, actor, f.ID); err != nil {
			return err
		}
		if m.State != "proposed" {
			return fault.New(fault.Conflict, "forum.is_voting")
		}
		if hours < 1 || hours > 30*24 {
			return fault.Fields{{Name: "hours", Key: "forum.hours_range"}}
		}
		t, err := TableOf(ctx, tx, m)
		if err != nil {
			return err
		}
		voters, err := votersOf(ctx, tx, t)
		if err != nil {
			return err
		}
		p, err = fs.declare(ctx, tx, actor, ballot.Draftee{
			Of: m.Ref(), Org: f.Org, Title: m.Title, Text: m.Text, Lang: m.Lang, Opens: db.Time{Time: tx.Now}, Closes: db.Time{Time: tx.Now.Add(time.Duration(hours) * time.Hour)},
			Terms: ballot.Terms{
				Method: ballot.YesNo, Secrecy: ballot.Named, Majority: ballot.Double, Blocs: []string{"government", "civil_society"}, WindowHours: ballot.Window,
				Quorum: ballot.Quorum{Num: 1, Den: 2, Over: true, BlocNum: 1, BlocDen: 3},
			},
		}, voters)
		if err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE forum_decision SET state = 'voting', poll = $3, changed = $4, version = version + 1 WHERE id = $1 AND version = $2`, m.ID, m.Version, p.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "decision.put_to_vote", "", map[string]string{"poll": p.ID})
	})
	return p, err
}

// settleMotion ends a motion by the final result of its vote.
func settleMotion(ctx context.Context, tx *db.Tx, p ballot.Poll) error {
	m, err := Decision(ctx, tx, p.Of.ID)
	if err != nil || m.State != "voting" || m.Poll != p.ID {
		return err
	}
	state := "rejected"
	if p.Result.Adopted {
		state = "adopted"
	}
	m.Count.V = meeting.Count{Base: p.Result.Base, Present: p.Result.Cast, Came: p.Result.Cast, Quorate: p.Result.Quorate}
	return m.end(ctx, tx, "system:forum", state, "vote")
}

// Interest is what a member declares: for a year, or in one matter.
type Interest struct {
	ID       string
	Term     string
	Person   string
	Year     int
	Decision string // empty for the year
	Text     string
	At       db.Time
}

// InterestsOf returns the declarations of a forum, the newest first. Their
// substance is public.
func InterestsOf(ctx context.Context, tx *db.Tx, forum string) ([]Interest, error) {
	return db.List(ctx, tx, func(i *Interest) []any { return []any{&i.ID, &i.Term, &i.Person, &i.Year, &i.Decision, &i.Text, &i.At} },
		`SELECT id, term, person, year, decision, text, at FROM forum_interest WHERE forum = $1 ORDER BY at DESC, id DESC LIMIT 500`, forum)
}

// Declare keeps a member's declaration of interest: by themselves, or as the
// chair was handed it. Who declares one in a matter that is not decided yet is
// recused from it.
func (fs *Forums) Declare(ctx context.Context, actor who.Actor, forum string, in Interest) error {
	var p fault.Fields
	p.Require("interest", in.Text)
	p.MaxLen("interest", in.Text, 5000)
	return fs.DB.Update(ctx, func(tx *db.Tx) error {
		f, err := Get(ctx, tx, forum)
		if err != nil {
			return err
		}
		members, err := MembersOn(ctx, tx, f.ID, today(tx))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(members, func(x Member) bool { return x.Term.ID == in.Term })
		if i < 0 || !actor.SignedIn() || actor.Key != "" || members[i].Term.Person != actor.ID {
			if err := May(ctx, tx, actor, f); err != nil {
				return err
			}
		}
		if i < 0 {
			return fault.Fields{{Name: "term", Key: "fault.choice"}}
		}
		var m Motion
		if in.Decision != "" {
			if m, err = Decision(ctx, tx, in.Decision); err != nil || m.Forum != f.ID {
				p.Add("decision", "fault.choice")
			}
		}
		if err := p.Err(); err != nil {
			return err
		}
		in.Year, in.Person = tx.Now.In(i18n.Belize).Year(), members[i].Term.Person
		if _, err := tx.Exec(ctx, `INSERT INTO forum_interest (id, forum, term, person, year, decision, text, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id.Nth(tx.Now, tx.Next()), f.ID, in.Term, in.Person, in.Year, in.Decision, in.Text, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		if err := f.tell(ctx, tx, actor.ID, "forum.interest_declared", "", nil, map[string]any{"term": in.Term, "year": in.Year, "decision": in.Decision, "text": in.Text}); err != nil {
			return err
		}
		return fs.recuse(ctx, tx, actor, m, f, members[i], in.Text)
	})
}

// recuse takes a member out of a matter in which they declared an interest. Out
// of a vote that runs, only those who run the forum can take them.
func (fs *Forums) recuse(ctx context.Context, tx *db.Tx, actor who.Actor, m Motion, f Forum, member Member, why string) error {
	if m.State != "proposed" && (m.State != "voting" || May(ctx, tx, actor, f) != nil) {
		return nil
	}
	all, err := PositionsOf(ctx, tx, m.ID)
	if err != nil || all[member.Term.ID].Stand == "recused" {
		return err
	}
	return fs.note(ctx, tx, actor, m, member, Position{Term: member.Term.ID, Stand: "recused", Reason: why})
}
