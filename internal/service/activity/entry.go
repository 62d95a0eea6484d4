package activity

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "activity", Files: files}

// Topic is what transactions that append wake (see db.Tx.Wake).
const Topic = "activity"

// Entry is one thing that happened, as the code that did it tells it.
type Entry struct {
	Actor  string // id of who did it, "system:NAME", or a pseudonym
	Verb   string // "kind.past": "dataset.published"
	Kind   string // of the record
	Record string // its id
	Org    string // the organisation that answers for it; may be empty
	Public bool   // whether anybody may read it
	Title  string // the record's title at that moment
	Note   string // a reason that a person gave; may be empty
	Before any    // what changed, as it was; nil for something new
	After  any    // what changed, as it is; nil for something gone
}

// payload is the part of an entry that can be erased.
type payload struct {
	Title  string `json:"title,omitempty"`
	Note   string `json:"note,omitempty"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// Append writes an entry in the transaction that makes the change, and returns
// its id.
func Append(ctx context.Context, tx *db.Tx, e Entry) (string, error) {
	if e.Actor == "" || e.Verb == "" || e.Kind == "" || e.Record == "" {
		return "", fmt.Errorf("activity entry %s %s/%s by %q is incomplete", e.Verb, e.Kind, e.Record, e.Actor)
	}
	body, err := marshal(payload{e.Title, e.Note, e.Before, e.After})
	if err != nil {
		return "", fmt.Errorf("activity entry %s: %w", e.Verb, err)
	}
	var salt [16]byte
	rand.Read(salt[:])
	key := id.Nth(tx.Now, tx.Next()) // so that entries of one transaction keep their order
	ev := Event{
		ID: key, At: db.Time{Time: tx.Now}, Actor: e.Actor, Verb: e.Verb, Kind: e.Kind, Record: e.Record, Org: e.Org, Public: e.Public,
		digest: Digest(salt[:], body), salt: hex.EncodeToString(salt[:]), body: string(body),
	}
	err = ev.insert(ctx, tx)
	tx.Wake(Topic)
	return key, err
}

// insert writes an event. SQLite has one writer, so its number is certain at once,
// and listeners need not read it again; on PostgreSQL Log.Run gives it after the
// commit.
func (e *Event) insert(ctx context.Context, tx *db.Tx) error {
	var seq any
	if tx.Pick("sqlite", "") != "" {
		n, err := number(ctx, tx)
		if err != nil {
			return err
		}
		e.Seq, seq = n, n
		e.unpack()
		tx.Tell(Topic, *e)
	}
	_, err := tx.Exec(ctx, `INSERT INTO activity (id, seq, at, actor, verb, kind, record, org, public, digest, salt, payload)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		e.ID, seq, e.At, e.Actor, e.Verb, e.Kind, e.Record, e.Org, e.Public, e.digest, e.salt, e.body)
	return err
}

// number is the next number of the log, on SQLite.
func number(ctx context.Context, tx *db.Tx) (int64, error) {
	const name = "activity.seq"
	last, ok := tx.Lane()[name].(*int64)
	if !ok {
		head, err := Head(ctx, tx)
		if err != nil {
			return 0, err
		}
		last = &head
		if lane := tx.Lane(); lane != nil {
			lane[name] = last
		}
	}
	*last++
	return *last, nil
}

// Digest returns the hex SHA-256 of a salt followed by a payload.
func Digest(salt, payload []byte) string {
	h := sha256.New()
	h.Write(salt)
	h.Write(payload)
	return hex.EncodeToString(h.Sum(nil))
}

// marshal is json.Marshal without the escaping of <, > and &.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Event is an entry as it is read back.
type Event struct {
	ID     string
	Seq    int64 // its place in the log, from 1; 0 while not yet sequenced
	At     db.Time
	Actor  string
	Verb   string
	Kind   string
	Record string
	Org    string
	Public bool
	Erased bool   // the payload is gone, at the request of a person
	Title  string // empty when erased
	Note   string

	digest, salt string
	body         string
}

// Change decodes what the entry says of before and after, either of which may
// be nil. An erased entry leaves both as they are.
func (e *Event) Change(before, after any) error {
	if e.Erased {
		return nil
	}
	var p struct {
		Before, After json.RawMessage
	}
	if err := json.Unmarshal([]byte(e.body), &p); err != nil {
		return err
	}
	if before != nil && p.Before != nil {
		if err := json.Unmarshal(p.Before, before); err != nil {
			return err
		}
	}
	if after != nil && p.After != nil {
		return json.Unmarshal(p.After, after)
	}
	return nil
}

// envelope is what the ledger keeps of an event, in the order of its keys, so
// that its JSON is canonical (RFC 8785). Of an entry that is not public only
// the first line and the digest are said.
type envelope struct {
	Actor  string `json:"actor,omitempty"`
	At     int64  `json:"at"`
	Digest string `json:"digest"`
	ID     string `json:"id"`
	Kind   string `json:"kind,omitempty"`
	Org    string `json:"org,omitempty"`
	Record string `json:"record,omitempty"`
	V      int    `json:"v"`
	Verb   string `json:"verb,omitempty"`
}

// Envelope returns the canonical JSON of the event without its payload: the
// leaf of the ledger. It does not change when the payload is erased.
func (e *Event) Envelope() []byte {
	v := envelope{At: e.At.UnixMicro(), Digest: e.digest, ID: e.ID, V: 1}
	if e.Public {
		v.Actor, v.Kind, v.Org, v.Record, v.Verb = e.Actor, e.Kind, e.Org, e.Record, e.Verb
	}
	b, err := marshal(v)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return b
}

// Payload returns the salt and the payload whose digest the envelope holds;
// both are nil once erased.
func (e *Event) Payload() (salt, payload []byte) {
	if e.Erased {
		return nil, nil
	}
	salt, _ = hex.DecodeString(e.salt)
	return salt, []byte(e.body)
}

const columns = `id, coalesce(seq, 0), at, actor, verb, kind, record, org, public, digest, coalesce(salt, ''), coalesce(payload, '')`

func fields(e *Event) []any {
	return []any{&e.ID, &e.Seq, &e.At, &e.Actor, &e.Verb, &e.Kind, &e.Record, &e.Org, &e.Public, &e.digest, &e.salt, &e.body}
}

// list reads events and unpacks their payloads.
func list(ctx context.Context, tx *db.Tx, q string, args ...any) ([]Event, error) {
	es, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM activity `+q, args...)
	for i := range es {
		es[i].unpack()
	}
	return es, err
}

func (e *Event) unpack() {
	if e.salt == "" {
		e.Erased = true
		return
	}
	rest, ok := strings.CutPrefix(e.body, "{")
	if ok {
		e.Title, rest, ok = leading(rest, `"title":"`)
	}
	if ok {
		e.Note, _, ok = leading(rest, `"note":"`)
	}
	if ok {
		return
	}
	var p struct{ Title, Note string }
	json.Unmarshal([]byte(e.body), &p) // written by Append; an edit of the row is the ledger's to find
	e.Title, e.Note = p.Title, p.Note
}

// leading takes a plain string member off the front of a payload, where Append
// puts the title and the note; ok is false for one with escapes. Every listener
// reads every payload, and what stands behind these two is most of it
// (BenchmarkUnpack: 0.1 µs, 5 through encoding/json).
func leading(body, name string) (value, rest string, ok bool) {
	at, has := strings.CutPrefix(body, name)
	if !has { // left out, being empty: "before" or "after" comes next
		return "", body, body == "}" || strings.HasPrefix(body, `"note":"`) || strings.HasPrefix(body, `"before":`) || strings.HasPrefix(body, `"after":`)
	}
	end := strings.IndexAny(at, `"\\`)
	if end < 0 || at[end] != '"' {
		return "", body, false
	}
	return at[:end], strings.TrimPrefix(at[end+1:], ","), true
}
