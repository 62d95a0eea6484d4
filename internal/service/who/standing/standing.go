// Package standing says what a person may see while they are not there: when a
// letter is written to them, or their inbox is filled. A session or a key is
// checked each time it is shown; here there is neither, so nothing may be done
// in the name of this actor.
package standing

import (
	"context"
	"errors"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// Of returns the actor that a person is as a reader: their roles, as if they
// had shown their second factor. Somebody who may not sign in holds no role.
func Of(ctx context.Context, tx *db.Tx, policy *who.Policy, person string) (who.Actor, error) {
	a, err := db.Get(ctx, tx, func(a *who.Actor) []any { return []any{&a.ID, &a.Name, &a.Lang, &a.Level} },
		`SELECT id, name, lang, level FROM person WHERE id = $1 AND state = 'active'`, person)
	if errors.Is(err, db.ErrNotFound) {
		return who.As(policy, who.Actor{ID: person}), nil
	}
	if err != nil {
		return who.Actor{}, err
	}
	a.Strong = true
	a.Grants, err = db.List(ctx, tx, func(g *who.Grant) []any { return []any{&g.Role, &g.Org} },
		`SELECT role, org FROM person_grant WHERE person = $1 ORDER BY org, role`, person)
	return who.As(policy, a), err
}
