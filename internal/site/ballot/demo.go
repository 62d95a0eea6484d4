package ballot

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"time"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/who"
)

// demo makes a vote in which the demonstration's accounts may take part: secret,
// by ranking, and open for two weeks.
func (s *Pages) demo(ctx context.Context, actor who.Actor) error {
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		org, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM organisation ORDER BY id LIMIT 1`)
		if err != nil {
			return err
		}
		people, err := db.List(ctx, tx, db.One[string], `SELECT id FROM person WHERE demo AND state = 'active' ORDER BY id`)
		if err != nil {
			return err
		}
		var voters []ballot.Voter
		for _, p := range people {
			voters = append(voters, ballot.Voter{ID: p, Kind: ballot.Person, Level: who.L3})
		}
		p, err := s.Office.Create(ctx, tx, actor, ballot.Draftee{
			Org: org, Title: "Demonstration: which road is repaired first?", Text: "A made-up vote, to show how voting goes. Rank the roads you care about; leave the others empty.",
			Opens: db.Time{Time: tx.Now}, Closes: db.Time{Time: tx.Now.Add(14 * 24 * time.Hour)},
			Terms: ballot.Terms{
				Method: ballot.STV, Seats: 2, Secrecy: ballot.Secret, WindowHours: ballot.Window, Quorum: ballot.Quorum{Num: 1, Den: 3},
				Options: []ballot.Option{{Label: "Demonstration road A"}, {Label: "Demonstration road B"}, {Label: "Demonstration road C"}, {Label: "Demonstration road D"}},
			},
		})
		if err != nil {
			return err
		}
		if err := s.Office.SetElectorate(ctx, tx, actor, p.ID, voters); err != nil {
			return err
		}
		_, err = s.Office.Declare(ctx, tx, actor, p.ID)
		return err
	})
}

// export writes every public poll, and the ballots of those that are closed.
func (s *Pages) export(ctx context.Context, put func(string) (module.Writer, error)) error {
	for cursor, more := "", true; more; more = cursor != "" {
		out, err := s.apiList(ctx, &pollListIn{Cursor: cursor, Limit: 100})
		if err != nil {
			return err
		}
		cursor = out.Body.Next
		for _, b := range out.Body.Polls {
			if err := s.exportPoll(ctx, put, b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Pages) exportPoll(ctx context.Context, put func(string) (module.Writer, error), b PollBody) error {
	raw, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	if err := putFile(put, path.Join("polls", b.Slug, "poll.json"), raw); err != nil || b.Ballots == "" {
		return err
	}
	if err := s.DB.View(ctx, func(tx *db.Tx) error {
		p, err := ballot.Get(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		l, err := ballot.Published(ctx, tx, p)
		if err == nil {
			raw, err = l.JSON()
		}
		return err
	}); err != nil {
		return err
	}
	return putFile(put, path.Join("polls", b.Slug, "ballots.json"), raw)
}

func putFile(put func(string) (module.Writer, error), name string, body []byte) error {
	w, err := put(name)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		w.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	return w.Close()
}
