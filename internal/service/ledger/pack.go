package ledger

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

// packFormat names the form of a pack.
const packFormat = "ceiba-evidence/1"

// pack is the evidence about one record, as a file.
type pack struct {
	Format     string            `json:"format"`
	ReadMe     map[string]string `json:"read_me"` // by language
	Kind       string            `json:"kind"`
	Record     string            `json:"record"`
	Pending    int               `json:"pending"` // entries that no checkpoint covers yet: they are not in here
	Key        string            `json:"key"`
	Checkpoint string            `json:"checkpoint"`
	Entries    []packed          `json:"entries"` // the oldest first
}

// packed is an entry in a pack. Envelope and payload are texts and not JSON,
// because what is hashed is their bytes.
type packed struct {
	Seq      int64            `json:"seq"`
	Envelope string           `json:"envelope"`
	Erased   bool             `json:"erased,omitempty"`
	Salt     string           `json:"salt,omitempty"` // hex
	Payload  string           `json:"payload,omitempty"`
	Proof    tlog.RecordProof `json:"proof"`
}

// maxPack is how many entries of a record a pack holds, the newest ones.
const maxPack = 10_000

// Pack returns the evidence about a record as JSON: its public entries that the
// published checkpoint covers, with the proof that each is in the log. Where
// there is none yet it gives a fault.Unavailable, or db.ErrNotFound for a record
// of which nothing public is known.
func (l *Ledger) Pack(ctx context.Context, tx *db.Tx, kind, record string) ([]byte, error) {
	es, err := activity.List(ctx, tx, activity.Filter{Kind: kind, Record: record}, maxPack)
	if err != nil {
		return nil, err
	}
	if len(es) == 0 {
		return nil, db.ErrNotFound
	}
	c, err := latest(ctx, tx)
	if err != nil || es[len(es)-1].Seq > c.Size {
		return nil, fault.New(fault.Unavailable, "ledger.not_yet").Wrap(err).After(2 * l.every)
	}
	p := pack{Format: packFormat, ReadMe: readMe(), Kind: kind, Record: record, Key: l.Key(), Checkpoint: string(c.Note)}
	fresh := map[int64]tlog.Hash{}
	read := cached(fresh, stored(ctx, tx))
	for i := len(es) - 1; i >= 0; i-- {
		e := &es[i]
		if e.Seq > c.Size {
			p.Pending++
			continue
		}
		proof, err := tlog.ProveRecord(c.Size, e.Seq-1, read)
		if err != nil {
			return nil, fmt.Errorf("prove entry %d: %w", e.Seq, err)
		}
		salt, payload := e.Payload()
		p.Entries = append(p.Entries, packed{
			Seq: e.Seq, Envelope: string(e.Envelope()), Erased: e.Erased,
			Salt: hex.EncodeToString(salt), Payload: string(payload), Proof: proof,
		})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err = enc.Encode(p)
	return b.Bytes(), err
}

// readMe says in each language how a pack is checked.
func readMe() map[string]string {
	out := map[string]string{}
	names, _ := fs.Glob(Words, "locale/*.json")
	for _, name := range names {
		text, _ := fs.ReadFile(Words, name)
		var words map[string]any
		if json.Unmarshal(text, &words) != nil {
			continue // a test reads every file
		}
		if s, ok := words["ledger.pack.read_me"].(string); ok {
			out[name[len("locale/"):len(name)-len(".json")]] = s
		}
	}
	return out
}

// Report is what a pack proves.
type Report struct {
	Origin       string // the log
	Size         int64  // entries the log had when the checkpoint was signed
	Root         tlog.Hash
	Kind, Record string
	Entries      []Proven // the oldest first
	Pending      int      // as the pack says: nothing proves it
	Witnesses    int      // signatures on the checkpoint beside the log's own, not checked here
	KeyInPack    bool     // no key was given: the pack was checked against the one it brings, which proves less
}

// Proven is an entry that is in the log as it stands here.
type Proven struct {
	Seq    int64
	At     db.Time
	Actor  string
	Verb   string
	Org    string
	Title  string          // empty when erased
	Note   string          // empty when erased
	Erased bool            // what it said was deleted; that it was there is proved
	Before json.RawMessage // nil when erased or new
	After  json.RawMessage
}

// VerifyPack checks a pack offline. key is the log's verifier key as the reader
// knows it from elsewhere; the empty key takes the pack's own word for it. An
// error is a fault that names the entry and what is wrong.
func VerifyPack(data []byte, key string) (Report, error) {
	var p pack
	var r Report
	if err := json.Unmarshal(data, &p); err != nil || p.Format != packFormat || len(p.Entries) == 0 {
		return r, fault.New(fault.Invalid, "ledger.pack.unreadable").Wrap(err)
	}
	if key == "" {
		key, r.KeyInPack = p.Key, true
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		return r, fault.New(fault.Invalid, "ledger.pack.key").Wrap(err)
	}
	n, err := note.Open([]byte(p.Checkpoint), note.VerifierList(v))
	if err != nil {
		return r, fault.New(fault.Invalid, "ledger.pack.signature").Wrap(err)
	}
	tree, err := parseCheckpoint(n.Text, v.Name())
	if err != nil {
		return r, fault.New(fault.Invalid, "ledger.pack.signature").Wrap(err)
	}
	r.Origin, r.Size, r.Root, r.Kind, r.Record, r.Pending = v.Name(), tree.N, tree.Hash, p.Kind, p.Record, p.Pending
	r.Witnesses = len(n.UnverifiedSigs)
	last := int64(0)
	for _, e := range p.Entries {
		if e.Seq <= last {
			return r, fault.New(fault.Invalid, "ledger.pack.order", "seq", e.Seq)
		}
		last = e.Seq
		x, err := e.check(p.Kind, p.Record, tree)
		if err != nil {
			return r, err
		}
		r.Entries = append(r.Entries, x)
	}
	return r, nil
}

// check proves one entry: that its envelope is in the tree, is about the
// record, and holds the digest of its payload.
func (e packed) check(kind, record string, tree tlog.Tree) (Proven, error) {
	var x Proven
	if err := tlog.CheckRecord(e.Proof, tree.N, tree.Hash, e.Seq-1, tlog.RecordHash([]byte(e.Envelope))); err != nil {
		return x, fault.New(fault.Invalid, "ledger.pack.entry", "seq", e.Seq).Wrap(err)
	}
	var env struct {
		Actor, Digest, Kind, Org, Record, Verb string
		At                                     int64
	}
	if err := json.Unmarshal([]byte(e.Envelope), &env); err != nil || env.Kind != kind || env.Record != record {
		return x, fault.New(fault.Invalid, "ledger.pack.record", "seq", e.Seq).Wrap(err)
	}
	x = Proven{Seq: e.Seq, Actor: env.Actor, Verb: env.Verb, Org: env.Org, Erased: e.Erased}
	if err := x.At.Scan(env.At); err != nil {
		return x, err
	}
	salt, err := hex.DecodeString(e.Salt)
	if e.Erased && e.Salt == "" && e.Payload == "" {
		return x, nil
	}
	if e.Erased || err != nil || activity.Digest(salt, []byte(e.Payload)) != env.Digest {
		return x, fault.New(fault.Invalid, "ledger.pack.payload", "seq", e.Seq).Wrap(err)
	}
	var said struct {
		Title, Note   string
		Before, After json.RawMessage
	}
	if err := json.Unmarshal([]byte(e.Payload), &said); err != nil {
		return x, fault.New(fault.Invalid, "ledger.pack.payload", "seq", e.Seq).Wrap(err)
	}
	x.Title, x.Note, x.Before, x.After = said.Title, said.Note, said.Before, said.After
	return x, nil
}
