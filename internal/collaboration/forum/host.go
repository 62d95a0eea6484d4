package forum

import (
	"context"
	"slices"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// MeetingHost sets the rules of forums' meetings: co-chairs may write whatever
// their sector; those with a seat on the day are the members.
func MeetingHost() meeting.Host {
	return meeting.Host{
		May: func(ctx context.Context, tx *db.Tx, actor who.Actor, _, id string) error {
			f, err := Get(ctx, tx, id)
			if err != nil {
				return err
			}
			return May(ctx, tx, actor, f)
		},
		Members: func(ctx context.Context, tx *db.Tx, id string, starts db.Time) (out []meeting.Invited, err error) {
			members, err := MembersOn(ctx, tx, id, starts.In(zone).Format(time.DateOnly))
			for _, m := range members {
				out = append(out, meeting.Invited{Org: m.Term.Org, Person: m.Term.Person, Name: m.Term.Name, Sector: m.Seat.Sector, District: m.Seat.District, Seat: m.Seat.ID})
			}
			return out, err
		},
		Notice: func(ctx context.Context, tx *db.Tx, id string) (int, error) {
			f, err := Get(ctx, tx, id)
			return f.NoticeDays, err
		},
	}
}

// BallotHosts set the rules of forums' polls, by the kind of what they are about.
// A member votes on a decision while their term runs.
func BallotHosts() map[string]ballot.Host {
	return map[string]ballot.Host{
		"forum": {May: func(ctx context.Context, tx *db.Tx, actor who.Actor, p ballot.Poll) error {
			f, err := Get(ctx, tx, p.Of.ID)
			if err != nil {
				return err
			}
			return May(ctx, tx, actor, f)
		}},
		"decision": {
			May: func(ctx context.Context, tx *db.Tx, actor who.Actor, p ballot.Poll) error {
				_, err := running(ctx, tx, actor, p)
				return err
			},
			Eligible: func(ctx context.Context, tx *db.Tx, p ballot.Poll, v ballot.Voter, at db.Time) (string, error) {
				m, err := Decision(ctx, tx, p.Of.ID)
				if err != nil {
					return "", err
				}
				members, err := MembersOn(ctx, tx, m.Forum, at.In(zone).Format(time.DateOnly))
				if slices.ContainsFunc(members, func(x Member) bool { return voterOf(x).ID == v.ID }) {
					return "", err
				}
				return "forum.term_ended", err
			},
		},
	}
}

// running returns the motion of a poll that actor may run.
func running(ctx context.Context, tx *db.Tx, actor who.Actor, p ballot.Poll) (Motion, error) {
	m, err := Decision(ctx, tx, p.Of.ID)
	if err != nil {
		return m, err
	}
	f, err := Get(ctx, tx, m.Forum)
	if err != nil {
		return m, err
	}
	return m, May(ctx, tx, actor, f)
}

// Known is what was known of a forum at a moment, for the monitor of
// requirements.
type Known struct {
	Forum       string
	Name        string
	Established db.Time // when it was noted; zero before
	Terms       []KnownTerm
	Rules       []KnownRules
}

// KnownTerm is a term by its sector and days, both included.
type KnownTerm struct {
	Term, Seat, Sector, Org string
	From, To                string // civil dates
	Recorded                db.Time
}

// KnownRules is a version of the rules.
type KnownRules struct {
	N         int
	Published db.Time
}

// Facts returns what was known of a forum at a moment: a term that was recorded
// later is missing, and one whose end was noted later runs on.
func Facts(ctx context.Context, tx *db.Tx, forum string, asOf db.Time) (k Known, err error) {
	f, err := Get(ctx, tx, forum)
	if err != nil {
		return k, err
	}
	k = Known{Forum: f.ID, Name: f.Name}
	if !f.Since.IsZero() && !f.Since.After(asOf.Time) {
		k.Established = f.Since
	}
	type row struct {
		Term
		sector string
	}
	terms, err := db.List(ctx, tx, func(r *row) []any { return append(termFields(&r.Term), &r.sector) },
		`SELECT t.id, t.forum, t.seat, t.org, t.person, t.name, t.alternate, t.starts, t.ends, t.renewal, t.filled, t.poll, t.instrument, t.recorded, t.ended, t.end_reason,
		t.end_recorded, s.sector FROM forum_term t JOIN forum_seat s ON s.id = t.seat WHERE t.forum = $1 AND t.recorded <= $2 ORDER BY t.starts, t.id`, forum, asOf)
	if err != nil {
		return k, err
	}
	for _, t := range terms {
		last := t.Ends
		if t.Ended != "" && !t.EndNoted.After(asOf.Time) {
			last = t.Last()
		}
		k.Terms = append(k.Terms, KnownTerm{t.ID, t.Seat, t.sector, t.Org, t.Starts, last, t.Recorded})
	}
	rules, err := RulesOf(ctx, tx, forum)
	for _, r := range slices.Backward(rules) {
		if !r.Published.After(asOf.Time) {
			k.Rules = append(k.Rules, KnownRules{r.N, r.Published})
		}
	}
	return k, err
}

// Trend is how many members of a sector came, on the average of the last three
// meetings and of the three before.
type Trend struct {
	Sector      string
	Now, Before float64
}

// Falling returns the sectors of which fewer come than before: an early warning
// for members and co-chairs. It says nothing before the sixth meeting.
func Falling(ctx context.Context, tx *db.Tx, forum string) (out []Trend, err error) {
	facts, err := meeting.Facts(ctx, tx, record.Ref{Kind: "forum", ID: forum}, db.Time{Time: tx.Now})
	if err != nil || len(facts) < 6 {
		return nil, err
	}
	last := facts[len(facts)-6:]
	for _, sector := range meeting.Sectors {
		t := Trend{Sector: sector}
		for i, f := range last {
			if i < 3 {
				t.Before += float64(f.Members[sector]) / 3
			} else {
				t.Now += float64(f.Members[sector]) / 3
			}
		}
		if t.Now < t.Before {
			out = append(out, t)
		}
	}
	return out, nil
}
