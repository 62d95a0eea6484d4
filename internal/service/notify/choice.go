package notify

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// Frequency is how often somebody wants to hear of a subject.
type Frequency string

// The frequencies. Whatever is chosen, the inbox has it, save Off.
const (
	Now    Frequency = "now"
	Daily  Frequency = "daily"
	Weekly Frequency = "weekly"
	Off    Frequency = "off"
)

// Frequencies are all, as pages offer them.
var Frequencies = []Frequency{Now, Daily, Weekly, Off}

// Words is the key of the frequency's name in locale/.
func (f Frequency) Words() string { return "notify.frequency." + string(f) }

func (f Frequency) valid() bool { return f == Now || f == Daily || f == Weekly || f == Off }

// Choices are how somebody wants to be told.
type Choices struct {
	By    map[string]Frequency // subject -> frequency; what is missing is the subject's default
	Mail  bool                 // by e-mail at all
	Quiet bool                 // nothing rings between 20:00 and 07:00
}

// ChoicesOf returns a person's choices with the defaults filled in.
func (s *Store) ChoicesOf(ctx context.Context, tx *db.Tx, person string) (Choices, error) {
	c := Choices{By: map[string]Frequency{}, Mail: true, Quiet: true}
	for _, x := range s.AllSubjects() {
		c.By[x.Name] = x.Default
	}
	type row struct{ topic, frequency string }
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.topic, &r.frequency} },
		`SELECT topic, frequency FROM notify_choice WHERE person = $1`, person)
	if err != nil {
		return c, err
	}
	for _, r := range rows {
		if _, known := s.subjects[r.topic]; known {
			c.By[r.topic] = Frequency(r.frequency)
		}
	}
	got, err := db.Get(ctx, tx, func(c *Choices) []any { return []any{&c.Mail, &c.Quiet} },
		`SELECT mail, quiet FROM notify_person WHERE person = $1`, person)
	if err == nil {
		c.Mail, c.Quiet = got.Mail, got.Quiet
	}
	if errors.Is(err, db.ErrNotFound) {
		err = nil
	}
	return c, err
}

// Choose saves the actor's own choices. Subjects that c does not name stay as
// they are.
func (s *Store) Choose(ctx context.Context, actor who.Actor, c Choices) error {
	if !actor.SignedIn() {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	var wrong fault.Fields
	for name, f := range c.By {
		if x, known := s.subjects[name]; !known || !f.valid() || x.Direct && f != Now && f != Off {
			wrong.Add(name, "notify.bad_frequency")
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		for name, f := range c.By {
			if err := s.choose(ctx, tx, actor.ID, name, f); err != nil {
				return err
			}
		}
		return setPerson(ctx, tx, actor.ID, c.Mail, c.Quiet)
	})
}

// choose writes one choice and moves what has not been sent yet to it.
func (s *Store) choose(ctx context.Context, tx *db.Tx, person, subject string, f Frequency) error {
	if _, err := tx.Exec(ctx, `INSERT INTO notify_choice (person, topic, frequency) VALUES ($1, $2, $3)
		ON CONFLICT (person, topic) DO UPDATE SET frequency = excluded.frequency`, person, subject, string(f)); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE notify_item SET class = $3 WHERE person = $1 AND topic = $2 AND window_id IS NULL AND class NOT IN ($3, 'off')`,
		person, subject, string(f))
	if err != nil || n == 0 || f != Now {
		return err
	}
	return s.ring(ctx, tx, person, true)
}

func setPerson(ctx context.Context, tx *db.Tx, person string, mail, quiet bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO notify_person (person, mail, quiet, refused) VALUES ($1, $2, $3, 0)
		ON CONFLICT (person) DO UPDATE SET mail = excluded.mail, quiet = excluded.quiet,
		refused = CASE WHEN excluded.mail AND NOT notify_person.mail THEN 0 ELSE notify_person.refused END`, person, mail, quiet)
	return err
}

// everything is the subject of a link that ends all mail.
const everything = "*"

// StopURL is the link that ends mail about a subject (or everything, "*") with
// one click: GET asks, POST does it.
func (s *Store) StopURL(person, subject string) string {
	return s.Base + "/notifications/stop/" + s.stopToken(person, subject)
}

func (s *Store) stopToken(person, subject string) string {
	sig := s.sign("stop", person, subject)[:16]
	return base64.RawURLEncoding.EncodeToString([]byte(person+" "+subject)) + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// ReadStop returns what a link means, or a fault that says that it means
// nothing. subject is "*" for everything.
func (s *Store) ReadStop(token string) (person, subject string, err error) {
	what, sig, _ := strings.Cut(token, ".")
	text, err1 := base64.RawURLEncoding.DecodeString(what)
	mac, err2 := base64.RawURLEncoding.DecodeString(sig)
	person, subject, ok := strings.Cut(string(text), " ")
	if err1 != nil || err2 != nil || !ok || !id.Valid(person) || !hmac.Equal(mac, s.sign("stop", person, subject)[:16]) {
		return "", "", fault.New(fault.NotFound, "notify.bad_link")
	}
	return person, subject, nil
}

// Stop does what a link says. Nobody needs to be signed in, and doing it again
// changes nothing.
func (s *Store) Stop(ctx context.Context, token string) error {
	person, subject, err := s.ReadStop(token)
	if err != nil {
		return err
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		if subject != everything {
			return s.choose(ctx, tx, person, subject, Off)
		}
		c, err := s.ChoicesOf(ctx, tx, person)
		if err != nil {
			return err
		}
		return setPerson(ctx, tx, person, false, c.Quiet)
	})
}

// The hours, by the clock of Belize, between which nothing rings.
const quietFrom, quietTo = 20, 7

// loud returns now, or the end of the quiet hours if now is in them.
func loud(now time.Time) time.Time {
	here := now.In(i18n.Belize)
	morning := time.Date(here.Year(), here.Month(), here.Day(), quietTo, 0, 0, 0, i18n.Belize)
	switch {
	case here.Hour() >= quietFrom:
		return morning.AddDate(0, 0, 1).UTC()
	case here.Hour() < quietTo:
		return morning.UTC()
	}
	return now
}
