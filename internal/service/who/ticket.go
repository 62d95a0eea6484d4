package who

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
)

// ticket is one step of signing in that is under way. Its holder is whoever
// has the random text it was handed out as.
type ticket struct {
	ID     string
	Person string
	Email  string
	Hash   string          // of the code that is asked for
	Data   json.RawMessage // what the step needs to remember
	life   time.Duration
}

// codeLife is how long a code, and any other step, is good for.
const codeLife = 10 * time.Minute

// maxGuesses is how many codes may be tried on one ticket.
const maxGuesses = 5

// ticket writes one and returns what its holder gets.
func (s *Store) ticket(ctx context.Context, tx *db.Tx, kind string, t ticket) (string, error) {
	token := id.Secret()
	return token, s.putTicket(ctx, tx, kind, token, t)
}

func (s *Store) putTicket(ctx context.Context, tx *db.Tx, kind, token string, t ticket) error {
	if t.Data == nil {
		t.Data = json.RawMessage("{}")
	}
	_, err := tx.Exec(ctx, `INSERT INTO sign_in_ticket (id, kind, person, email, hash, data, tries, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`,
		hashed(token), kind, t.Person, t.Email, t.Hash, string(t.Data), tx.Now.Add(t.life).UnixMicro())
	return err
}

// try counts one use of a ticket and returns it. Of two at once the second
// waits here for the first. A ticket that is used, has run out or was tried
// too often gives the fault "who.code_over".
func (s *Store) try(ctx context.Context, tx *db.Tx, kind, token string) (ticket, error) {
	t, err := db.Get(ctx, tx, func(t *ticket) []any { return []any{&t.ID, &t.Person, &t.Email, &t.Hash, (*rawJSON)(&t.Data)} },
		`UPDATE sign_in_ticket SET tries = tries + 1
		WHERE id = $1 AND kind = $2 AND used_at IS NULL AND tries < $3 AND expires_at > $4
		RETURNING id, person, email, hash, data`, hashed(token), kind, maxGuesses, tx.Now.UnixMicro())
	if errors.Is(err, db.ErrNotFound) {
		return t, fault.New(fault.Invalid, "who.code_over")
	}
	return t, err
}

// spend marks a ticket as used; it can never be tried again.
func (s *Store) spend(ctx context.Context, tx *db.Tx, t ticket) error {
	return tx.MustChange(ctx, `UPDATE sign_in_ticket SET used_at = $2 WHERE id = $1 AND used_at IS NULL`, t.ID, tx.Now.UnixMicro())
}

// take is try and spend at once, for tickets that ask for no code.
func (s *Store) take(ctx context.Context, tx *db.Tx, kind, token string) (ticket, error) {
	t, err := s.try(ctx, tx, kind, token)
	if err != nil {
		return t, err
	}
	return t, s.spend(ctx, tx, t)
}

// rawJSON scans a JSON document on either engine.
type rawJSON json.RawMessage

// Scan implements sql.Scanner.
func (r *rawJSON) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*r = rawJSON(v)
	case []byte:
		*r = append(rawJSON(nil), v...)
	}
	return nil
}
