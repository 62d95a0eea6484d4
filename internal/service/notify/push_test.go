package notify

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
)

// browser is the receiving side of web push, written from RFC 8291.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

func newBrowser(t testing.TB) browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := browser{key: key, auth: make([]byte, 16)}
	rand.Read(b.auth)
	return b
}

func (b browser) subscription(endpoint string) (s Browser) {
	s.Endpoint = endpoint
	s.Keys.P256dh = base64.RawURLEncoding.EncodeToString(b.key.PublicKey().Bytes())
	s.Keys.Auth = base64.RawURLEncoding.EncodeToString(b.auth)
	return s
}

// open decrypts a body with Content-Encoding aes128gcm (RFC 8188) of one record.
func (b browser) open(t testing.TB, body []byte) []byte {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	salt, size, n := body[:16], binary.BigEndian.Uint32(body[16:]), int(body[20])
	if int(size) < len(body)-21-n {
		t.Fatal("more than one record")
	}
	theirs, err := ecdh.P256().NewPublicKey(body[21 : 21+n])
	must(err)
	shared, err := b.key.ECDH(theirs)
	must(err)
	info := append(append([]byte("WebPush: info\x00"), b.key.PublicKey().Bytes()...), theirs.Bytes()...)
	ikm, err := hkdf.Key(sha256.New, shared, b.auth, string(info), 32)
	must(err)
	cek, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	must(err)
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	must(err)
	block, err := aes.NewCipher(cek)
	must(err)
	gcm, err := cipher.NewGCM(block)
	must(err)
	plain, err := gcm.Open(nil, nonce, body[21+n:], nil)
	must(err)
	plain = bytes.TrimRight(plain, "\x00")
	return plain[:len(plain)-1] // the mark of the last record
}

func TestPushReachesTheBrowser(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var got []*http.Request
		var bodies [][]byte
		status := http.StatusCreated
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got, bodies = append(got, r), append(bodies, body)
			w.WriteHeader(status)
		}))
		defer service.Close()
		keys, err := LoadVapid(filepath.Join(t.TempDir(), "vapid.json"), "mailto:ceiba@open.example")
		if err != nil {
			t.Fatal(err)
		}
		w := newTown(t, d, func(c *Config) { c.Vapid = keys })
		ana, b := w.person("ana"), newBrowser(t)
		for range 2 { // the same browser twice is one
			if err := w.Subscribe(t.Context(), actorOf(ana), b.subscription(service.URL+"/push/1"), "Firefox, Android"); err != nil {
				t.Fatal(err)
			}
		}
		w.happens("thing.answered", "t1/"+ana, "system:x", true)
		w.drain()
		if len(got) != 1 {
			t.Fatalf("%d pushes", len(got))
		}
		h := got[0].Header
		if h.Get("Content-Encoding") != "aes128gcm" || !strings.HasPrefix(h.Get("Authorization"), "vapid t=") || h.Get("TTL") == "" || len(h.Get("Topic")) != 32 {
			t.Errorf("%v", h)
		}
		var r ringing
		if err := json.Unmarshal(b.open(t, bodies[0]), &r); err != nil {
			t.Fatal(err)
		}
		if r.URL != "https://open.example/thing/s-t1" || !strings.Contains(r.Body, "has changed") || r.Title != "Ceiba" {
			t.Errorf("%+v", r)
		}
		status = http.StatusGone
		for range 2 {
			w.happens("thing.answered", "t1/"+ana, "system:x", true)
			w.drain()
		}
		if len(got) != 2 {
			t.Errorf("%d pushes: a browser that is gone was called again", len(got))
		}
	}, schemas...)
}

func TestSubscribeRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	w := newTown(t, d, nil)
	w.Outbound.Allow = nil
	good := newBrowser(t).subscription("https://push.example/x")
	for name, spoil := range map[string]func(*Browser){
		"http":     func(b *Browser) { b.Endpoint = "http://push.example/x" },
		"inside":   func(b *Browser) { b.Endpoint = "https://127.0.0.1/x" },
		"metadata": func(b *Browser) { b.Endpoint = "https://169.254.169.254/x" },
		"file":     func(b *Browser) { b.Endpoint = "file:///etc/passwd" },
		"key":      func(b *Browser) { b.Keys.P256dh = "AAAA" },
		"auth":     func(b *Browser) { b.Keys.Auth = "****" },
	} {
		b := good
		spoil(&b)
		if err := w.Subscribe(t.Context(), actorOf("x"), b, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range maxBrowsers + 3 {
		b := newBrowser(t).subscription("https://push.example/" + string(rune('a'+n)))
		if err := w.Subscribe(t.Context(), actorOf("x"), b, ""); err != nil {
			t.Fatal(err)
		}
	}
	n, err := viewList(w, func(tx *db.Tx) ([]int, error) {
		return db.List(t.Context(), tx, db.One[int], `SELECT count(*) FROM notify_push`)
	})
	if err != nil || n[0] != maxBrowsers {
		t.Error(n, err)
	}
}

func TestVapidKeysStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vapid.json")
	a, err := LoadVapid(path, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := LoadVapid(path, "")
	if err != nil || a.Public != b.Public || a.Private != b.Private {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	os.WriteFile(path, []byte("{}"), 0o600)
	if _, err := LoadVapid(path, ""); err == nil {
		t.Error("a spoiled file is taken, or replaced in silence")
	}
}
