package who

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
)

// device is a passkey in software: what a browser and a phone do together.
type device struct {
	t      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	handle string
	origin string
	rp     string
	flags  byte // user present, user verified
	count  uint32
}

func newDevice(t testing.TB) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	id := make([]byte, 20)
	rand.Read(id)
	return &device{t: t, key: key, id: id, origin: "http://localhost:8080", rp: "localhost", flags: 0x05}
}

var b64 = base64.RawURLEncoding

func (d *device) data(extra []byte, flags byte) []byte {
	hash := sha256.Sum256([]byte(d.rp))
	out := append(hash[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.count)
	return append(out, extra...)
}

func (d *device) client(kind, challenge string) []byte {
	doc, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	ok(d.t, err)
	return doc
}

func (d *device) answer(response map[string]string) []byte {
	doc, err := json.Marshal(map[string]any{
		"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{},
	})
	ok(d.t, err)
	return doc
}

// create answers options for a new credential, with attestation "none".
func (d *device) create(options []byte) []byte {
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	ok(d.t, json.Unmarshal(options, &o))
	d.handle = o.PublicKey.User.ID
	point, err := d.key.PublicKey.Bytes() // 4, x, y
	ok(d.t, err)
	cose := slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33], []byte{0x22, 0x58, 32}, point[33:])
	extra := slices.Concat(make([]byte, 16), []byte{0, byte(len(d.id))}, d.id, cose)
	auth := d.data(extra, d.flags|0x40)
	object := slices.Concat([]byte{0xa3, 0x63}, []byte("fmt"), []byte{0x64}, []byte("none"), []byte{0x67}, []byte("attStmt"), []byte{0xa0, 0x68},
		[]byte("authData"), []byte{0x58, byte(len(auth))}, auth)
	return d.answer(map[string]string{
		"clientDataJSON":    b64.EncodeToString(d.client("webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": b64.EncodeToString(object),
	})
}

// get answers options for signing in.
func (d *device) get(options []byte) []byte {
	var o struct{ PublicKey struct{ Challenge string } }
	ok(d.t, json.Unmarshal(options, &o))
	d.count++
	client, auth := d.client("webauthn.get", o.PublicKey.Challenge), d.data(nil, d.flags)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(auth, sum[:]))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	ok(d.t, err)
	return d.answer(map[string]string{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(auth),
		"signature": b64.EncodeToString(sig), "userHandle": d.handle,
	})
}

// add gives the actor a passkey.
func (w *world) add(t testing.TB, a Actor, d *device) []string {
	t.Helper()
	options, ticket, err := w.StartNewPasskey(ctx, a)
	ok(t, err)
	return must(w.FinishNewPasskey(ctx, a, ticket, "my  phone", d.create(options)))(t)
}

func (w *world) byPasskey(t testing.TB, d *device) (Entry, error) {
	t.Helper()
	options, ticket, err := w.StartPasskey(ctx)
	ok(t, err)
	return w.FinishPasskey(ctx, ticket, d.get(options), Visit{})
}

func TestPasskey(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		w.now = time.Now() // the library reads the clock by itself
		in := w.enterAs(t, "ana@example.org")
		a := must(w.Session(ctx, in.Token))(t)
		d := newDevice(t)
		if codes := w.add(t, a, d); len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		if a = must(w.Session(ctx, in.Token))(t); !a.Strong {
			t.Error("the session did not become strong")
		}
		e, err := w.byPasskey(t, d)
		ok(t, err)
		if b := must(w.Session(ctx, e.Token))(t); b.ID != a.ID || !b.Strong {
			t.Errorf("%+v", b)
		}
		list := must(w.Passkeys(ctx, a))(t)
		if len(list) != 1 || list[0].Name != "my phone" || list[0].Used.IsZero() {
			t.Errorf("%+v", list)
		}
		if codes := w.add(t, a, newDevice(t)); codes != nil {
			t.Error("new recovery codes for a second passkey")
		}
		ok(t, w.RemovePasskey(ctx, a, list[0].ID))
		_, err = w.byPasskey(t, d)
		refused(t, err, "who.passkey_wrong")
	})
}

func TestPasskeyRefuses(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		w.now = time.Now()
		a := w.actor(t, "ana@example.org")
		good := newDevice(t)
		w.add(t, a, good)
		for name, change := range map[string]func(d *device){
			"another site":             func(d *device) { d.origin = "https://evil.example" },
			"another site's key":       func(d *device) { d.rp = "evil.example" },
			"nobody touched it":        func(d *device) { d.flags = 0x04 },
			"nobody was verified":      func(d *device) { d.flags = 0x01 },
			"another key":              func(d *device) { d.key = newDevice(t).key },
			"another person's handle":  func(d *device) { d.handle = b64.EncodeToString([]byte("someone else")) },
			"a counter that went back": func(d *device) { d.count = 0 },
		} {
			good.count += 10
			_, err := w.byPasskey(t, good)
			ok(t, err)
			d := *good
			change(&d)
			if _, err := w.byPasskey(t, &d); err == nil {
				t.Errorf("%s passes", name)
			} else {
				refused(t, err, "who.passkey_wrong")
			}
		}
		options, ticket, err := w.StartPasskey(ctx)
		ok(t, err)
		answer := good.get(options)
		must(w.FinishPasskey(ctx, ticket, answer, Visit{}))(t)
		_, err = w.FinishPasskey(ctx, ticket, answer, Visit{}) // a replay
		refused(t, err, "who.code_over")
		_, err = w.FinishPasskey(ctx, ticket, []byte("nonsense"), Visit{})
		refused(t, err, "who.code_over")

		ben := must(w.Session(ctx, w.enterAs(t, "ben@example.org").Token))(t)
		options, ticket, err = w.StartNewPasskey(ctx, a2strong(t, w, a))
		ok(t, err)
		_, err = w.FinishNewPasskey(ctx, ben, ticket, "stolen", newDevice(t).create(options))
		refused(t, err, "who.code_over")
		ok(t, w.Suspend(ctx, System(w.Policy, "test"), a.ID, "test"))
		_, err = w.byPasskey(t, good)
		refused(t, err, "who.suspended")
	})
}

// a2strong reads the actor's session again after a factor was added.
func a2strong(t testing.TB, w *world, a Actor) Actor {
	t.Helper()
	var strong Actor
	ok(t, w.db.View(ctx, func(tx *db.Tx) (err error) { strong, _, err = w.lookup(ctx, tx, a.Session); return err }))
	return strong
}

func TestNoPasskeysAtABareAddress(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), activity.Schema, Schema)
	w := build(t, d, func(c *Config) { c.Base = "http://127.0.0.1:8080" })
	_, _, err := w.StartPasskey(ctx)
	refused(t, err, "who.passkeys_off")
	if w.PasskeysWork() {
		t.Error("they are offered")
	}
}

// BenchmarkPasskey is a whole sign-in with a passkey, 16 at a time.
//
// target: ns/op <= 2e6
func BenchmarkPasskey(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), activity.Schema, Schema)
	w := build(b, d)
	w.now = time.Now()
	phone := newDevice(b)
	w.add(b, w.actor(b, "ana@example.org"), phone)
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		own := *phone
		own.count = 0 // like a passkey that is kept on several devices: it does not count
		for pb.Next() {
			options, ticket, err := w.StartPasskey(ctx)
			if err != nil {
				b.Fatal(err)
			}
			own.count = ^uint32(0) // get adds one: zero
			if _, err := w.FinishPasskey(ctx, ticket, own.get(options), Visit{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sign-ins/s")
}
