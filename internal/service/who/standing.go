package who

import (
	"context"

	"ceiba/internal/ground/db"
)

// ActorOf returns what a person may see when they are not there themselves, as
// in a letter to them: their roles, with the strength that their next session
// would have to show first. Somebody who is suspended or erased is
// db.ErrNotFound.
func (s *Store) ActorOf(ctx context.Context, tx *db.Tx, person string) (Actor, error) {
	a, err := db.Get(ctx, tx, func(a *Actor) []any { return []any{&a.ID, &a.Name, &a.Lang, &a.Level} },
		`SELECT id, name, lang, level FROM person WHERE id = $1 AND state = 'active'`, person)
	if err != nil {
		return Actor{}, err
	}
	a.Strong = true
	a.Grants, err = grantsOf(ctx, tx, person)
	return As(s.Policy, a), err
}
