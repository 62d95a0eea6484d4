package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

func verified(t *testing.T, d *db.DB, path string) Site {
	t.Helper()
	s, err := VerifySite(t.Context(), d, path)
	must(t, err)
	return s
}

func TestVerifySite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		path := keyPath(t)
		l := open(t, d, path)
		if s := verified(t, d, path); s.Size != 0 {
			t.Errorf("empty: %+v", s)
		}
		for _, n := range []int{3, 40, 1, 2500} { // over a page, with checkpoints in between
			add(t, l, n)
			publish(t, l)
		}
		c, err := l.Latest(t.Context())
		must(t, err)
		s := verified(t, d, path)
		if s.Size != 2544 || s.Root != c.Root || s.Published != 2544 || s.Erased != 0 || s.Private != 508 || s.Unsealed != 0 || s.Behind != 0 {
			t.Errorf("%+v", s)
		}
		public := keyPath(t)
		must(t, os.WriteFile(public, []byte(l.Key()+"\n"), 0o644))
		if s := verified(t, d, public); s.Size != 2544 || s.Unsealed != 508 {
			t.Errorf("with the public key: %+v", s)
		}
	}, schemas...)
}

// change is one column of one row, and another value for it.
type change struct {
	column string
	value  func(old string) any
}

var text = func(old string) any {
	return []any{old + "x", "", strings.ToUpper(old) + "'", "p9", " " + old}[rand.IntN(5)]
}

var number = func(old string) any {
	var n int64
	fmt.Sscan(old, &n)
	return n + []int64{1, -1, 1_000_000, 1 << 40}[rand.IntN(4)]
}

// R11: any single edit of the entries is found, by name. A hundred at random,
// each on a clean log.
func TestAHundredEditsAreFound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		path := keyPath(t)
		l := open(t, d, path)
		const n = 60
		add(t, l, n)
		publish(t, l)
		want := verified(t, d, path)
		changes := []change{
			{"id", text},
			{"actor", text},
			{"verb", text},
			{"kind", text},
			{"record", text},
			{"org", text},
			{"digest", text},
			{"payload", text},
			{"salt", func(old string) any {
				return []any{old + "0", old + "x", strings.ToUpper(old) + "A", old[2:], nil}[rand.IntN(5)]
			}},
			{"payload", func(string) any { return nil }},
			{"payload", func(old string) any { return strings.Replace(old, "because", "Because", 1) }},
			{"at", number},
			{"seq", func(string) any { return int64(1000 + rand.IntN(1000)) }},
			{"seq", func(string) any { return nil }},
			{"public", func(old string) any { return old != "1" && old != "true" }},
		}
		for i := range 100 {
			c, seq := changes[i%len(changes)], 1+rand.Int64N(n)
			var id, old string
			view(t, d, func(tx *db.Tx) error {
				type row struct{ id, old string }
				r, err := db.Get(t.Context(), tx, func(r *row) []any { return []any{&r.id, &r.old} },
					`SELECT id, CAST(`+c.column+` AS TEXT) FROM activity WHERE seq = $1`, seq)
				id, old = r.id, r.old
				return err
			})
			value := c.value(old)
			if value == any(old) {
				value = old + "y"
			}
			key := id
			if c.column == "id" {
				key = value.(string)
			}
			edit(t, d, `UPDATE activity SET `+c.column+` = $1 WHERE id = $2`, value, id)
			_, err := VerifySite(t.Context(), d, path)
			var f *fault.Error
			if !errors.As(err, &f) || !strings.HasPrefix(f.Key, "ledger.differs.") {
				t.Fatalf("%s of %d from %q to %q: %v", c.column, seq, old, value, err)
			}
			if named := f.Args[1].(int64); named != seq && c.column != "seq" {
				t.Errorf("%s of %d: it names %d", c.column, seq, named)
			}
			restore := any(old)
			switch c.column {
			case "at", "seq":
				var v int64
				fmt.Sscan(old, &v)
				restore = v
			case "public":
				restore = old == "1" || old == "true"
			}
			edit(t, d, `UPDATE activity SET `+c.column+` = $1 WHERE id = $2`, restore, key)
			if got := verified(t, d, path); got != want {
				t.Fatalf("after mending: %+v", got)
			}
		}
	}, schemas...)
}

func TestOtherTampering(t *testing.T) {
	for name, x := range map[string]struct{ script, want string }{
		"row deleted":        {`DELETE FROM activity WHERE seq = 5`, "ledger.differs.missing 5"},
		"last row deleted":   {`DELETE FROM activity WHERE seq = 20`, "ledger.differs.missing 20"},
		"two rows swapped":   {`UPDATE activity SET seq = 99 WHERE seq = 5; UPDATE activity SET seq = 5 WHERE seq = 6; UPDATE activity SET seq = 6 WHERE seq = 99`, "ledger.differs.leaf 5"},
		"leaf hash":          {`UPDATE ledger_hash SET hash = (SELECT hash FROM ledger_hash WHERE idx = 1) WHERE idx = 0`, "ledger.differs.leaf 1"},
		"inner hash":         {`UPDATE ledger_hash SET hash = (SELECT hash FROM ledger_hash WHERE idx = 1) WHERE idx = 2`, "ledger.differs.node 2"},
		"seal deleted":       {`DELETE FROM ledger_seal WHERE seq = 10`, "ledger.differs.seal 10"},
		"checkpoint's root":  {`UPDATE ledger_checkpoint SET root = (SELECT hash FROM ledger_hash WHERE idx = 1)`, "ledger.differs.signature 20"},
		"checkpoint's note":  {`UPDATE ledger_checkpoint SET note = replace(note, 'example', 'another')`, "ledger.differs.signature 20"},
		"leaves cut off":     {`DELETE FROM ledger_hash WHERE idx > 20`, "ledger.rollback 12"},
		"everything cut off": {`DELETE FROM ledger_hash; DELETE FROM ledger_checkpoint; DELETE FROM activity; DELETE FROM ledger_seal`, "ledger.rollback 0"},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				path := keyPath(t)
				l := open(t, d, path)
				add(t, l, 20)
				publish(t, l)
				must(t, d.Update(t.Context(), func(tx *db.Tx) error { return tx.Script(t.Context(), x.script) }))
				_, err := VerifySite(t.Context(), d, path)
				var f *fault.Error
				if !errors.As(err, &f) || fmt.Sprint(f.Key, " ", f.Args[1]) != x.want {
					t.Errorf("got %v, want %s", err, x.want)
				}
			}, schemas...)
		})
	}
}

// Somebody with the database but not the key makes entry, leaf and tree agree
// again; the checkpoint tells.
func TestAWholeNewTreeIsFound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		path := keyPath(t)
		l := open(t, d, path)
		add(t, l, 4)
		publish(t, l)
		edit(t, d, `UPDATE activity SET actor = 'p9' WHERE seq = 2`)
		must(t, d.Update(t.Context(), func(tx *db.Tx) error {
			if err := tx.Script(t.Context(), `DELETE FROM ledger_hash`); err != nil {
				return err
			}
			es, err := activity.Since(t.Context(), tx, 0, 10)
			if err != nil {
				return err
			}
			return l.grow(t.Context(), tx, es)
		}))
		if _, err := VerifySite(t.Context(), d, path); faultKey(err) != "ledger.differs.root" {
			t.Errorf("got %v", err)
		}
		if _, err := l.Publish(t.Context()); faultKey(err) != "ledger.fork" {
			t.Errorf("publish: %v", err)
		}
	}, schemas...)
}

func erase(t *testing.T, d *db.DB, f activity.Filter) (n int64) {
	t.Helper()
	must(t, d.Update(t.Context(), func(tx *db.Tx) (err error) {
		n, err = activity.Erase(t.Context(), tx, activity.ThePerson, f)
		return err
	}))
	return n
}

func packOf(t *testing.T, l *Ledger, record string) (data []byte) {
	t.Helper()
	view(t, l.db, func(tx *db.Tx) (err error) { data, err = l.Pack(t.Context(), tx, "thing", record); return err })
	return data
}

func TestErasureStillVerifies(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		path := keyPath(t)
		l := open(t, d, path)
		add(t, l, 60)
		publish(t, l)
		before := verified(t, d, path)
		n := erase(t, d, activity.Filter{Actor: "p1"})
		after := verified(t, d, path)
		if n != 15 || after.Erased != n || after.Root != before.Root || after.Private != before.Private {
			t.Errorf("%d erased, then %+v", n, after)
		}
		add(t, l, 1) // numbers the entry that tells of the erasure
		publish(t, l)
		if told := verified(t, d, path); told.Erased != n || told.Size != before.Size+2 {
			t.Errorf("with the entry that tells of the erasure: %+v, before %+v", told, before)
		}
		edit(t, d, `UPDATE activity SET verb = 'thing.invented' WHERE seq = (SELECT min(seq) FROM activity WHERE actor = 'p1' AND NOT public)`)
		if _, err := VerifySite(t.Context(), d, path); faultKey(err) != "ledger.differs.seal" {
			t.Errorf("an erased private entry is changed: %v", err)
		}
		r, err := VerifyPack(packOf(t, l, "t1"), l.Key())
		must(t, err)
		gone := 0
		for _, e := range r.Entries {
			if e.Erased != (e.Actor == "p1") || e.Erased != (e.Title == "") {
				t.Errorf("%+v", e)
			}
			if e.Erased {
				gone++
			}
		}
		if gone == 0 {
			t.Error("nothing erased in the pack")
		}
	}, schemas...)
}

func TestPack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		l := open(t, d, keyPath(t))
		add(t, l, 30)
		view(t, d, func(tx *db.Tx) error {
			if _, err := l.Pack(t.Context(), tx, "thing", "t1"); faultKey(err) != "ledger.not_yet" {
				t.Errorf("before a checkpoint: %v", err)
			}
			if _, err := l.Pack(t.Context(), tx, "thing", "nothing"); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("of nothing: %v", err)
			}
			return nil
		})
		c := publish(t, l)
		add(t, l, 3)
		data := packOf(t, l, "t1")
		r, err := VerifyPack(data, l.Key())
		must(t, err)
		if r.Origin != "example.org/ledger" || r.Size != 30 || r.Root != c.Root || len(r.Entries) != 8 || r.Pending != 1 || r.KeyInPack {
			t.Errorf("%+v", r)
		}
		if e := r.Entries[0]; e.Seq != 2 || e.Actor != "p1" || e.Verb != "thing.changed" || e.Title != "Thing 1" || e.Note != "because" ||
			string(e.Before) != "1" || string(e.After) != "2" || e.At.IsZero() || e.Org != "o1" {
			t.Errorf("%+v", e)
		}
		if r, err := VerifyPack(data, ""); err != nil || !r.KeyInPack {
			t.Errorf("without a key: %+v %v", r, err)
		}
		other, err := makeKey(keyPath(t), "example.org/ledger")
		must(t, err)
		for key, want := range map[string]string{other.public: "ledger.pack.signature", "nonsense": "ledger.pack.key"} {
			if _, err := VerifyPack(data, key); faultKey(err) != want {
				t.Errorf("key %s: %v", key, err)
			}
		}
	}, schemas...)
}

func TestTamperedPack(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	l := open(t, d, keyPath(t))
	add(t, l, 30)
	publish(t, l)
	data := packOf(t, l, "t1")
	for name, x := range map[string]struct {
		do   func(*pack)
		want string
	}{
		"title":              {func(p *pack) { p.Entries[3].Payload = strings.Replace(p.Entries[3].Payload, "Thing", "Think", 1) }, "payload"},
		"salt":               {func(p *pack) { p.Entries[3].Salt = p.Entries[2].Salt }, "payload"},
		"salt no hex":        {func(p *pack) { p.Entries[3].Salt += "x" }, "payload"},
		"erased yet there":   {func(p *pack) { p.Entries[3].Erased = true }, "payload"},
		"payload taken away": {func(p *pack) { p.Entries[3].Payload, p.Entries[3].Salt = "", "" }, "payload"},
		"actor": {func(p *pack) {
			p.Entries[3].Envelope = strings.Replace(p.Entries[3].Envelope, `"actor":"p`, `"actor":"q`, 1)
		}, "entry"},
		"digest":         {func(p *pack) { p.Entries[3].Envelope = p.Entries[2].Envelope }, "entry"},
		"number":         {func(p *pack) { p.Entries[3].Seq++ }, "entry"},
		"proof":          {func(p *pack) { p.Entries[3].Proof[0] = tlog.Hash{} }, "entry"},
		"no proof":       {func(p *pack) { p.Entries[3].Proof = nil }, "entry"},
		"longer proof":   {func(p *pack) { p.Entries[3].Proof = append(p.Entries[3].Proof, tlog.Hash{}) }, "entry"},
		"entry twice":    {func(p *pack) { p.Entries[3] = p.Entries[2] }, "order"},
		"record":         {func(p *pack) { p.Record = "t2" }, "record"},
		"kind":           {func(p *pack) { p.Kind = "other" }, "record"},
		"size":           {func(p *pack) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n30\n", "\n31\n", 1) }, "signature"},
		"signature":      {func(p *pack) { p.Checkpoint = p.Checkpoint[:len(p.Checkpoint)-5] + "AAA=\n" }, "signature"},
		"no checkpoint":  {func(p *pack) { p.Checkpoint = "" }, "signature"},
		"no entries":     {func(p *pack) { p.Entries = nil }, "unreadable"},
		"another format": {func(p *pack) { p.Format = "ceiba-evidence/2" }, "unreadable"},
		"far number":     {func(p *pack) { p.Entries[len(p.Entries)-1].Seq = 1 << 62 }, "entry"},
		"number below":   {func(p *pack) { p.Entries[0].Seq = -1 }, "order"},
	} {
		var p pack
		must(t, json.Unmarshal(data, &p))
		x.do(&p)
		changed, err := json.Marshal(p)
		must(t, err)
		if _, err := VerifyPack(changed, l.Key()); faultKey(err) != "ledger.pack."+x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	for _, s := range []string{"", "{}", "[]", "null", string(data[:len(data)/2])} {
		if _, err := VerifyPack([]byte(s), l.Key()); faultKey(err) != "ledger.pack.unreadable" {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}

// BenchmarkVerifySite is the cost of one entry in ceiba verify: 56 µs on SQLite,
// two shared cores.
func BenchmarkVerifySite(b *testing.B) {
	path := keyPath(b)
	l := open(b, dbtest.Open(b, dbtest.SQLite(b), schemas...), path)
	add(b, l, b.N)
	publish(b, l)
	b.ResetTimer()
	if s, err := VerifySite(b.Context(), l.db, path); err != nil || s.Size != int64(b.N) {
		b.Error(s, err)
	}
}

func FuzzVerifyPack(f *testing.F) {
	d := dbtest.Open(f, dbtest.SQLite(f), schemas...)
	l := open(f, d, keyPath(f))
	add(f, l, 4)
	publish(f, l)
	var data []byte
	view(f, d, func(tx *db.Tx) (err error) { data, err = l.Pack(f.Context(), tx, "thing", "t1"); return err })
	honest, err := VerifyPack(data, l.Key())
	must(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := VerifyPack(data, l.Key())
		if err != nil {
			return
		}
		for _, e := range r.Entries { // whatever passes tells nothing but what was recorded
			if e.Seq != 2 || e.Actor != honest.Entries[0].Actor || !e.Erased && e.Title != honest.Entries[0].Title {
				t.Errorf("proved: %+v", e)
			}
		}
	})
}
