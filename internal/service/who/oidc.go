package who

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who/contact"
	"ceiba/internal/service/who/provider"
)

// Provider is another site at which people can show who they are.
type Provider = provider.Provider

// Provider returns the provider of an id, or db.ErrNotFound.
func (s *Store) Provider(name string) (Provider, error) {
	i := slices.IndexFunc(s.Providers, func(p Provider) bool { return p.ID == name })
	if i < 0 {
		return Provider{}, db.ErrNotFound
	}
	return s.Providers[i], nil
}

// meet fetches a provider's description the first time it is used, so that a
// provider that is away does not keep the site from starting.
func (s *Store) meet(ctx context.Context, name string) (*provider.Client, error) {
	p, err := s.Provider(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	known := s.met[name]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	found, err := provider.Meet(ctx, p, s.Base+"/sign-in/oidc/"+p.ID+"/callback")
	if err != nil {
		return nil, fault.New(fault.Unavailable, "who.provider_away", "name", p.Name).Wrap(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.met[name] = found
	return found, nil
}

// journey is what the ticket of a visit to a provider remembers.
type journey struct {
	Provider string           `json:"provider"`
	Secrets  provider.Secrets `json:"secrets"`
	Next     string           `json:"next"`
}

// StartOIDC begins a visit to a provider and returns its address, and the
// state, which the caller keeps in the visitor's own browser: whoever comes
// back without it was sent by somebody else. With a signed-in actor the
// provider is added to their account; next is where to go afterwards.
func (s *Store) StartOIDC(ctx context.Context, a Actor, name, next string) (to, state string, err error) {
	c, err := s.meet(ctx, name)
	if err != nil {
		return "", "", err
	}
	j := journey{Provider: name, Secrets: provider.NewSecrets(), Next: next}
	doc, err := json.Marshal(j)
	if err != nil {
		return "", "", err
	}
	err = s.db.Claim(ctx, func(tx *db.Tx) error {
		if a.SignedIn() {
			if err := s.secured(ctx, tx, a); err != nil {
				return err
			}
		}
		state, err = s.ticket(ctx, tx, "oidc", ticket{Person: a.ID, Data: doc, life: codeLife})
		return err
	})
	if err != nil {
		return "", "", err
	}
	return c.Address(state, j.Secrets), state, nil
}

// FinishOIDC ends a visit to a provider. kept is the state from the visitor's
// own browser. It returns where to go next.
func (s *Store) FinishOIDC(ctx context.Context, a Actor, name, state, kept, code string, v Visit) (e Entry, next string, err error) {
	if len(kept) != 32 || subtle.ConstantTimeCompare([]byte(state), []byte(kept)) != 1 {
		return e, "", fault.New(fault.Invalid, "who.code_over")
	}
	t, j, err := s.takeJourney(ctx, name, state)
	if err != nil {
		return e, "", err
	}
	c, err := s.exchange(ctx, j, code)
	if err != nil {
		return e, "", err
	}
	if t.Person != "" {
		return e, j.Next, s.link(ctx, a, t.Person, name, c)
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		e = Entry{}
		p, made, err := s.known(ctx, tx, name, c, v)
		if err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, p, byOIDC, false, v)
		e.New = made
		return err
	})
	return e, j.Next, err
}

// exchange asks the provider who came.
func (s *Store) exchange(ctx context.Context, j journey, code string) (said provider.Claims, err error) {
	c, err := s.meet(ctx, j.Provider)
	if err != nil {
		return said, err
	}
	if said, err = c.Exchange(ctx, code, j.Secrets); err != nil {
		return said, fault.New(fault.Denied, "who.provider_refused").Wrap(err)
	}
	return said, nil
}

func (s *Store) takeJourney(ctx context.Context, name, state string) (t ticket, j journey, err error) {
	err = s.decide(ctx, func(tx *db.Tx) error {
		if t, err = s.take(ctx, tx, "oidc", state); err != nil {
			return err
		}
		j = journey{}
		return json.Unmarshal(t.Data, &j)
	})
	if err == nil && j.Provider != name {
		err = fault.New(fault.Invalid, "who.code_over")
	}
	return t, j, err
}

// known finds the account of whoever a provider vouches for, or makes one. It
// joins an account by address only if the provider has verified the address;
// an account whose address nobody had proved loses what was set up on it.
func (s *Store) known(ctx context.Context, tx *db.Tx, name string, c provider.Claims, v Visit) (p Person, made bool, err error) {
	owner, err := db.Get(ctx, tx, db.One[string], `SELECT person FROM person_identity WHERE provider = $1 AND subject = $2`, name, c.Subject)
	if err == nil {
		p, err = PersonByID(ctx, tx, owner)
		return p, false, err
	}
	if !notFound(err) {
		return p, false, err
	}
	if _, _, ok := contact.Email(c.Email); !ok || !bool(c.Verified) {
		return p, false, fault.New(fault.Denied, "who.provider_unverified")
	}
	if p, made, err = s.arrive(ctx, tx, c.Email, v.Lang); err != nil {
		return p, false, err
	}
	if p.State != Active {
		return p, false, nil // enter says so
	}
	return p, made, s.keepIdentity(ctx, tx, Nobody(s.Policy), p.ID, name, c)
}

func (s *Store) keepIdentity(ctx context.Context, tx *db.Tx, a Actor, person, name string, c provider.Claims) error {
	if _, err := tx.Exec(ctx, `INSERT INTO person_identity (provider, subject, person, email, created_at) VALUES ($1, $2, $3, $4, $5)`,
		name, c.Subject, person, c.Email, tx.Now.UnixMicro()); err != nil {
		return err
	}
	return record(ctx, tx, a, "identity_linked", person, nil, facts{"provider": name})
}

// link adds a provider's identity to the account of the actor who set out.
func (s *Store) link(ctx context.Context, a Actor, setOut, name string, c provider.Claims) error {
	if a.ID != setOut {
		return fault.New(fault.Denied, "who.code_over")
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		owner, err := db.Get(ctx, tx, db.One[string], `SELECT person FROM person_identity WHERE provider = $1 AND subject = $2`, name, c.Subject)
		switch {
		case err == nil && owner == a.ID:
			return nil
		case err == nil:
			return fault.New(fault.Conflict, "who.identity_taken")
		case !notFound(err):
			return err
		}
		return s.keepIdentity(ctx, tx, a, a.ID, name, c)
	})
}

// Identity is an account at another provider, joined to one here.
type Identity struct {
	Provider string
	Subject  string
	Email    string
	Created  db.Time
}

// Identities lists the actor's accounts at other providers.
func (s *Store) Identities(ctx context.Context, a Actor) (list []Identity, err error) {
	if err := a.Must("person.read", Own(a.ID)); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		list, err = identitiesOf(ctx, tx, a.ID)
		return err
	})
	return list, err
}

func identitiesOf(ctx context.Context, tx *db.Tx, person string) ([]Identity, error) {
	return db.List(ctx, tx, func(v *Identity) []any { return []any{&v.Provider, &v.Subject, &v.Email, &v.Created} },
		`SELECT provider, subject, email, created_at FROM person_identity WHERE person = $1 ORDER BY provider, subject`, person)
}

// Unlink takes an account at a provider away from the actor's.
func (s *Store) Unlink(ctx context.Context, a Actor, name, subject string) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM person_identity WHERE provider = $1 AND subject = $2 AND person = $3`, name, subject, a.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return db.ErrNotFound
		}
		if err := s.endSessions(ctx, tx, a.ID, a.Session); err != nil {
			return err
		}
		return record(ctx, tx, a, "identity_unlinked", a.ID, facts{"provider": name}, nil)
	})
}
