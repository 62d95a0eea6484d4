package forum

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

var zone = i18n.Belize

// CallDays is for how long a call for nominations is open at least.
const CallDays = 21

// Call asks the organisations of a sector to nominate for a seat.
type Call struct {
	ID       string
	Forum    string
	Seat     string
	Criteria string // Markdown
	Opened   db.Time
	Closes   db.Time
	Poll     string // the election, once it is declared
	Term     string // of whoever won
}

const callColumns = `id, forum, seat, criteria, opened, closes, poll, term`

func callFields(c *Call) []any {
	return []any{&c.ID, &c.Forum, &c.Seat, &c.Criteria, &c.Opened, &c.Closes, &c.Poll, &c.Term}
}

// CallByID returns a call, which anybody may read.
func CallByID(ctx context.Context, tx *db.Tx, key string) (Call, error) {
	return db.Get(ctx, tx, callFields, `SELECT `+callColumns+` FROM forum_call WHERE id = $1`, key)
}

// CallsOf returns the calls of a forum, the newest first.
func CallsOf(ctx context.Context, tx *db.Tx, forum string) ([]Call, error) {
	return db.List(ctx, tx, callFields, `SELECT `+callColumns+` FROM forum_call WHERE forum = $1 ORDER BY opened DESC, id DESC LIMIT 200`, forum)
}

// Open opens a call for a seat that somebody elects, until closes.
func Open(ctx context.Context, d *db.DB, actor who.Actor, forum string, c Call) (Call, error) {
	err := d.Update(ctx, func(tx *db.Tx) error {
		f, err := own(ctx, tx, actor, forum)
		if err != nil {
			return err
		}
		var p fault.Fields
		s, err := seat(ctx, tx, f.ID, c.Seat)
		switch {
		case errors.Is(err, db.ErrNotFound):
			p.Add("seat", "fault.choice")
		case err != nil:
			return err
		case Government(s.Sector):
			p.Add("seat", "forum.not_elected")
		}
		p.Require("criteria", c.Criteria)
		p.MaxLen("criteria", c.Criteria, 5000)
		if c.Closes.Sub(tx.Now) < CallDays*24*time.Hour {
			p.Add("closes", "forum.call_short", "days", CallDays)
		}
		if c.Closes.After(tx.Now.AddDate(1, 0, 0)) {
			p.Add("closes", "forum.call_long")
		}
		if err := p.Err(); err != nil {
			return err
		}
		if n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM forum_call WHERE seat = $1 AND closes > $2`, c.Seat, db.Time{Time: tx.Now}); err != nil || n > 0 {
			return errors.Join(err, fault.New(fault.Conflict, "forum.call_open"))
		}
		c.ID, c.Forum, c.Opened, c.Poll, c.Term = id.Nth(tx.Now, tx.Next()), f.ID, db.Time{Time: tx.Now}, "", ""
		if _, err := tx.Exec(ctx, `INSERT INTO forum_call (`+callColumns+`, by_person) VALUES ($1, $2, $3, $4, $5, $6, '', '', $7)`,
			c.ID, c.Forum, c.Seat, c.Criteria, c.Opened, c.Closes, actor.ID); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.call_opened", "", nil, map[string]any{"call": c.ID, "seat": s.Name, "closes": c.Closes, "criteria": c.Criteria})
	})
	return c, err
}

// Nomination is an organisation that stands for a seat.
type Nomination struct {
	ID        string
	Call      string
	Org       string
	Person    string // who would sit, if they have an account
	Name      string // as shown
	Statement string
	State     string // submitted, eligible, ineligible, withdrawn
	Reason    string // of the judgement
	By        string
	Created   db.Time
}

const nominationColumns = `id, call, org, person, name, statement, state, reason, by_person, created`

func nominationFields(n *Nomination) []any {
	return []any{&n.ID, &n.Call, &n.Org, &n.Person, &n.Name, &n.Statement, &n.State, &n.Reason, &n.By, &n.Created}
}

// NominationsOf returns the nominations of a call, the oldest first.
func NominationsOf(ctx context.Context, tx *db.Tx, call string) ([]Nomination, error) {
	return db.List(ctx, tx, nominationFields, `SELECT `+nominationColumns+` FROM forum_nomination WHERE call = $1 ORDER BY created, id`, call)
}

// Nominate puts an organisation forward, by somebody who speaks for it. self
// says that this person would sit.
func Nominate(ctx context.Context, d *db.DB, actor who.Actor, call string, n Nomination, self bool) (Nomination, error) {
	err := d.Update(ctx, func(tx *db.Tx) error {
		if err := actor.Must("forum.nominate", who.In(n.Org)); err != nil {
			return err
		}
		c, err := CallByID(ctx, tx, call)
		if err != nil {
			return err
		}
		f, err := Get(ctx, tx, c.Forum)
		if err != nil {
			return err
		}
		if !tx.Now.Before(c.Closes.Time) || c.Poll != "" {
			return fault.New(fault.Conflict, "forum.call_closed")
		}
		n.Name = strings.TrimSpace(n.Name)
		var p fault.Fields
		p.Require("member_name", n.Name)
		p.MaxLen("member_name", n.Name, 200)
		p.Require("statement", n.Statement)
		p.MaxLen("statement", n.Statement, 3000)
		s, err := seat(ctx, tx, c.Forum, c.Seat)
		if err != nil {
			return err
		}
		o, err := org.Get(ctx, tx, n.Org)
		if err != nil {
			return err
		}
		if !fits(s.Sector, o.Kind) || o.Ended(today(tx)) { // government does not choose who watches it
			p.Add("org", "forum.wrong_sector")
		}
		if err := p.Err(); err != nil {
			return err
		}
		n.ID, n.Call, n.State, n.Reason, n.By, n.Person, n.Created = id.Nth(tx.Now, tx.Next()), c.ID, "submitted", "", actor.ID, "", db.Time{Time: tx.Now}
		if self {
			n.Person = actor.ID
		}
		if _, err := tx.Exec(ctx, `INSERT INTO forum_nomination (`+nominationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			n.ID, n.Call, n.Org, n.Person, n.Name, n.Statement, n.State, n.Reason, n.By, n.Created); err != nil {
			if errors.Is(err, db.ErrExists) {
				return fault.New(fault.Conflict, "forum.nominated_already").Wrap(err)
			}
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.nominated", "", nil, map[string]string{"call": c.ID, "nomination": n.ID, "org": n.Org})
	})
	return n, err
}

// nominationOf reads a nomination with its call and forum, while no election is
// declared.
func nominationOf(ctx context.Context, tx *db.Tx, key string) (n Nomination, c Call, f Forum, err error) {
	if n, err = db.Get(ctx, tx, nominationFields, `SELECT `+nominationColumns+` FROM forum_nomination WHERE id = $1`, key); err != nil {
		return n, c, f, err
	}
	if c, err = CallByID(ctx, tx, n.Call); err != nil {
		return n, c, f, err
	}
	f, err = Get(ctx, tx, c.Forum)
	return n, c, f, err
}

func (n *Nomination) set(ctx context.Context, tx *db.Tx, c Call, state, reason string) error {
	if c.Poll != "" {
		return fault.New(fault.Conflict, "forum.election_declared")
	}
	return tx.MustChange(ctx, `UPDATE forum_nomination SET state = $2, reason = $3, decided = $4 WHERE id = $1 AND state <> 'withdrawn'`, n.ID, state, reason, db.Time{Time: tx.Now})
}

// Withdraw takes a nomination back, by somebody who speaks for the organisation.
func Withdraw(ctx context.Context, d *db.DB, actor who.Actor, key string) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		n, c, f, err := nominationOf(ctx, tx, key)
		if err != nil {
			return err
		}
		if err := actor.Must("forum.nominate", who.In(n.Org)); err != nil {
			return err
		}
		if err := n.set(ctx, tx, c, "withdrawn", ""); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.nomination_withdrawn", "", nil, map[string]string{"nomination": n.ID, "org": n.Org})
	})
}

// Judge says whether a nomination meets the criteria. The reason is public, and
// needed for a no.
func Judge(ctx context.Context, d *db.DB, actor who.Actor, key string, eligible bool, reason string) error {
	state := map[bool]string{true: "eligible", false: "ineligible"}[eligible]
	var p fault.Fields
	if !eligible {
		p.Require("reason", reason)
	}
	p.MaxLen("reason", reason, 1000)
	return d.Update(ctx, func(tx *db.Tx) error {
		n, c, f, err := nominationOf(ctx, tx, key)
		if err != nil {
			return err
		}
		if _, err := own(ctx, tx, actor, f.ID); err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		if eligible {
			if err := standsFree(ctx, tx, c, n); err != nil {
				return err
			}
		}
		if err := n.set(ctx, tx, c, state, reason); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.nomination_judged", reason, nil, map[string]string{"nomination": n.ID, "org": n.Org, "state": state})
	})
}

// Elect declares the election of a call that is closed: a secret poll among the
// organisations of the seat's sector, each with one vote, for days days.
func (fs *Forums) Elect(ctx context.Context, actor who.Actor, call string, days int) (p ballot.Poll, err error) {
	err = fs.DB.Update(ctx, func(tx *db.Tx) error {
		c, err := CallByID(ctx, tx, call)
		if err != nil {
			return err
		}
		f, err := own(ctx, tx, actor, c.Forum)
		if err != nil {
			return err
		}
		if c.Poll != "" {
			return fault.New(fault.Conflict, "forum.election_declared")
		}
		if tx.Now.Before(c.Closes.Time) {
			return fault.New(fault.Conflict, "forum.call_runs")
		}
		if days < 1 || days > 60 {
			return fault.Fields{{Name: "days", Key: "forum.days_range"}}
		}
		s, err := seat(ctx, tx, f.ID, c.Seat)
		if err != nil {
			return err
		}
		options, err := candidates(ctx, tx, c)
		if err != nil {
			return err
		}
		voters, err := electorate(ctx, tx, s)
		if err != nil {
			return err
		}
		p, err = fs.declare(ctx, tx, actor, ballot.Draftee{
			Of: f.Ref(), Org: f.Org, Title: f.Name + ": " + s.Name, Text: c.Criteria, Lang: f.Lang, Opens: db.Time{Time: tx.Now}, Closes: db.Time{Time: tx.Now.AddDate(0, 0, days)},
			Terms: ballot.Terms{Method: ballot.Plurality, Secrecy: ballot.Secret, Options: options, WindowHours: ballot.Window},
		}, voters)
		if err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE forum_call SET poll = $2 WHERE id = $1 AND poll = ''`, c.ID, p.ID); err != nil {
			return err
		}
		return f.tell(ctx, tx, actor.ID, "forum.election_declared", "", nil, map[string]string{"call": c.ID, "poll": p.ID})
	})
	return p, err
}

// declare makes, fills and declares a poll.
func (fs *Forums) declare(ctx context.Context, tx *db.Tx, actor who.Actor, in ballot.Draftee, voters []ballot.Voter) (ballot.Poll, error) {
	p, err := fs.Ballots.Create(ctx, tx, actor, in)
	if err != nil {
		return p, err
	}
	if err := fs.Ballots.SetElectorate(ctx, tx, actor, p.ID, voters); err != nil {
		return p, err
	}
	return fs.Ballots.Declare(ctx, tx, actor, p.ID)
}

// candidates are the eligible nominations of a call, once all are judged.
func candidates(ctx context.Context, tx *db.Tx, c Call) (out []ballot.Option, err error) {
	ns, err := NominationsOf(ctx, tx, c.ID)
	if err != nil {
		return nil, err
	}
	var orgs []string
	for _, n := range ns {
		orgs = append(orgs, n.Org)
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	if err != nil {
		return nil, err
	}
	for _, n := range ns {
		switch n.State {
		case "submitted":
			return nil, fault.New(fault.Conflict, "forum.judge_first")
		case "eligible":
			if err := standsFree(ctx, tx, c, n); err != nil {
				return nil, err
			}
			out = append(out, ballot.Option{ID: n.ID, Label: names[n.Org] + ": " + n.Name, Text: n.Statement})
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Conflict, "forum.no_candidate")
	}
	return out, nil
}

// electorate is every organisation of the kind that holds seats of the sector,
// in the seat's district if it has one.
func electorate(ctx context.Context, tx *db.Tx, s Seat) (out []ballot.Voter, err error) {
	for _, kind := range []org.Kind{org.CivilSociety, org.Private, org.Academia, org.Media} {
		if !fits(s.Sector, kind) {
			continue
		}
		for cursor := ""; ; {
			list, next, err := org.List(ctx, tx, org.Filter{Kind: kind, District: s.District, Cursor: cursor, Limit: 500})
			if err != nil {
				return nil, err
			}
			for _, o := range list {
				out = append(out, ballot.Voter{ID: o.ID, Kind: ballot.Org, Bloc: s.Sector, District: o.District})
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return out, nil
}

// Listener gives the seat to whoever won, and ends decisions that were put to the
// vote, when a poll becomes final.
func (fs *Forums) Listener() activity.Listener {
	return activity.Listener{Name: "forum", FromNow: true, Handle: func(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
		for i := range batch {
			if batch[i].Verb != "poll.finalised" {
				continue
			}
			if err := settlePoll(ctx, tx, batch[i].Record); err != nil && fault.KindOf(err) == fault.Internal {
				return err
			}
		}
		return nil
	}}
}

// settlePoll does what the final result of a poll asks for, once.
func settlePoll(ctx context.Context, tx *db.Tx, key string) error {
	p, err := ballot.Get(ctx, tx, key)
	if err != nil || p.State != ballot.Final || p.Result == nil {
		return err
	}
	if p.Of.Kind == "decision" {
		return settleMotion(ctx, tx, p)
	}
	cs, err := db.List(ctx, tx, callFields, `SELECT `+callColumns+` FROM forum_call WHERE poll = $1 AND term = ''`, p.ID)
	if err != nil || len(cs) == 0 || len(p.Result.Elected) == 0 {
		return err
	}
	return seatWinner(ctx, tx, cs[0], p)
}

// seatWinner begins the term of the winner: today, or when the seat is free, and
// so is the winner, who may have taken another one meanwhile.
func seatWinner(ctx context.Context, tx *db.Tx, c Call, p ballot.Poll) error {
	n, err := db.Get(ctx, tx, nominationFields, `SELECT `+nominationColumns+` FROM forum_nomination WHERE id = $1 AND call = $2`, p.Result.Elected[0], c.ID)
	if err != nil {
		return err
	}
	f, err := Get(ctx, tx, c.Forum)
	if err != nil {
		return err
	}
	ts, err := TermsOf(ctx, tx, f.ID)
	if err != nil {
		return err
	}
	t := Term{Seat: c.Seat, Org: n.Org, Person: n.Person, Name: n.Name, Starts: today(tx), Filled: "election", Poll: p.ID}
	for _, x := range slices.Backward(ts) { // the oldest first
		busy := x.Seat == c.Seat || x.Org == t.Org || t.Person != "" && x.Person == t.Person
		if last, err := time.Parse(time.DateOnly, x.Last()); busy && err == nil && x.Last() >= t.Starts {
			t.Starts = last.AddDate(0, 0, 1).Format(time.DateOnly)
		}
	}
	if t, err = begin(ctx, tx, "system:forum", f, t); err != nil {
		return err
	}
	return tx.MustChange(ctx, `UPDATE forum_call SET term = $2 WHERE id = $1`, c.ID, t.ID)
}
