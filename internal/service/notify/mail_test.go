package notify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/job"
	"ceiba/internal/service/notify/smtptest"
	"ceiba/internal/service/who"
)

func mailTo(t testing.TB, server *smtptest.Server) *SMTP {
	t.Helper()
	m, err := ParseSMTP("smtp://"+server.Address, "ceiba@open.example", "Ceiba – Belize")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// parts returns the decoded plain and HTML parts of a letter.
func parts(t testing.TB, m *mail.Message) (plain, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return plain, html
		}
		if err != nil {
			t.Fatal(err)
		}
		if enc := p.Header.Get("Content-Transfer-Encoding"); enc != "quoted-printable" {
			t.Fatalf("encoding %q", enc)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			plain = string(text)
		case "text/html":
			html = string(text)
		}
	}
}

func subject(t testing.TB, m *mail.Message) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLetterOfTheDay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		server := smtptest.Start(t)
		w := newTown(t, d, func(c *Config) { c.Mail = mailTo(t, server) })
		ana := w.person("ana")
		w.update(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE person SET lang = 'es' WHERE id = $1`, ana)
			return err
		})
		w.follow["t1/x"], w.follow["t2/x"] = []string{ana}, []string{ana}
		for range 2 {
			w.happens("thing.changed", "t1/x", "system:x", true)
			w.happens("thing.changed", "t2/x", "system:x", true)
		}
		w.drain()
		if letters, _ := server.Letters(t); len(letters) != 0 {
			t.Fatal("sent before its time")
		}
		w.clock.leap(24 * time.Hour)
		w.drain()
		w.drain()
		letters, raw := server.Letters(t)
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		m := letters[0]
		for name, want := range map[string]string{
			"To": "<ana@example.org>", "Content-Language": "es", "List-Unsubscribe": "<" + w.StopURL(ana, "followed") + ">",
			"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated",
		} {
			if got := m.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if got := subject(t, m); got != "4 novedades en lo que usted sigue" {
			t.Error(got)
		}
		plain, html := parts(t, m)
		for _, want := range []string{"https://open.example/thing/s-t1", "«Thing <b>t1</b>» ha cambiado", w.StopURL(ana, "followed"), w.Base + "/account/notifications"} {
			if !strings.Contains(plain, want) {
				t.Errorf("the plain part lacks %q: %s", want, plain)
			}
		}
		if strings.Contains(html, "<b>t1") || !strings.Contains(html, "&lt;b&gt;t1") || strings.Contains(html, "<img") || strings.Contains(html, "<script") {
			t.Errorf("the HTML part is not clean: %s", html)
		}
		if strings.Index(plain, "s-t2") > strings.Index(plain, "s-t1") {
			t.Error("the newest is not first")
		}
		if strings.Contains(raw[0], "X-Mailer") && strings.Contains(raw[0], "localhost") {
			t.Error("the letter tells of this machine")
		}
	}, schemas...)
}

// A link in a title, a break in a name: nothing gets out of its field.
func TestHeadersCannotBeInjected(t *testing.T) {
	server := smtptest.Start(t)
	m := mailTo(t, server)
	good := Letter{ID: "x", To: "ana@example.org", Lang: "en", Subject: "Hello", Text: "text"}
	for name, spoil := range map[string]func(*Letter){
		"to":      func(l *Letter) { l.To = "ana@example.org\r\nBcc: eve@example.org" },
		"to lf":   func(l *Letter) { l.To = "ana@example.org\nBcc: eve@example.org" },
		"subject": func(l *Letter) { l.Subject = "Hi\r\nBcc: eve@example.org" },
		"cr":      func(l *Letter) { l.Subject = "Hi\rBcc: eve@example.org" },
		"id":      func(l *Letter) { l.ID = "x>\r\nBcc: eve@example.org" },
		"stop":    func(l *Letter) { l.Stop = "https://x\r\nBcc: eve@example.org" },
		"lang":    func(l *Letter) { l.Lang = "en\r\nBcc: eve@example.org" },
	} {
		l := good
		spoil(&l)
		if err := m.Send(t.Context(), l); !errors.Is(err, ErrHeader) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, to := range []string{"ana@example.org, eve@example.org", "ana", ""} {
		l := good
		l.To = to
		if err := m.Send(t.Context(), l); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", to, err)
		}
	}
	l := good
	l.Subject = oneLine("Road\r\nBcc: eve@example.org\x00 now")
	l.Text = "Bcc: eve@example.org\r\n.\r\nMAIL FROM:<eve@example.org>\r\n"
	if err := m.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	letters, raw := server.Letters(t)
	if len(letters) != 1 || letters[0].Header.Get("Bcc") != "" || letters[0].Header.Get("X-RcptTo") != "ana@example.org" {
		t.Fatalf("%d letters: %s", len(letters), raw)
	}
	if got := subject(t, letters[0]); got != "Road Bcc: eve@example.org now" {
		t.Error(got)
	}
	if _, err := ParseSMTP("smtp://h", "a@b.c", "x\r\nBcc: y"); err == nil {
		t.Error("a sender's name with a line break")
	}
}

func TestMentionIsSentAtOnceAndOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		server := smtptest.Start(t)
		w := newTown(t, d, func(c *Config) { c.Mail = mailTo(t, server) })
		ana := w.person("ana")
		w.happens("thing.named", "t1/"+ana, "system:x", true)
		w.drain()
		window := w.windows(ana)[0].id
		w.update(func(tx *db.Tx) error { // the job runs again, as after a crash that forgot its end
			_, err := job.Enqueue(t.Context(), tx, jobMail, job.Options{Args: sending{Window: window}})
			return err
		})
		w.drain()
		letters, _ := server.Letters(t)
		if len(letters) != 1 || letters[0].Header.Get("Message-Id") != "<"+window+"@open.example>" {
			t.Fatalf("%d letters", len(letters))
		}
		if got := subject(t, letters[0]); got != "“Thing <b>t1</b>” has changed" {
			t.Error(got)
		}
	}, schemas...)
}

func TestWhoGetsNoMail(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		server := smtptest.Start(t)
		w := newTown(t, d, func(c *Config) { c.Mail = mailTo(t, server) })
		set := func(q string) func(string) {
			return func(p string) {
				w.update(func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), q, p); return err })
			}
		}
		for name, do := range map[string]func(string){
			"unproved":  set(`UPDATE person SET proved_at = NULL WHERE id = $1`),
			"suspended": set(`UPDATE person SET state = 'suspended' WHERE id = $1`),
			"refusing":  set(`INSERT INTO notify_person (person, mail, quiet, refused) VALUES ($1, TRUE, TRUE, 3)`),
			"off":       set(`INSERT INTO notify_person (person, mail, quiet, refused) VALUES ($1, FALSE, TRUE, 0)`),
			"hidden":    func(p string) { w.hidden["t1/"+p+"/x"] = true },
		} {
			p := w.person(name)
			do(p)
			if name == "hidden" {
				w.follow["t1/"+p+"/x"] = []string{p}
				w.choose(p, map[string]Frequency{"followed": Now})
				w.happens("thing.changed", "t1/"+p+"/x", "system:x", true)
				continue
			}
			w.happens("thing.named", "t1/"+p, "system:x", true)
		}
		w.drain()
		if letters, raw := server.Letters(t); len(letters) != 0 {
			t.Fatalf("%d letters: %s", len(letters), raw)
		}
	}, schemas...)
}

// The server is away: the letter waits. It refuses for good: three times, then
// the address rests until its owner asks for mail again.
func TestServerAwayAndRefusing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		tight := smtptest.Start(t, "--size", "200") // refuses every letter of ours with 552
		w := newTown(t, d, func(c *Config) { c.Mail = mailTo(t, tight) })
		ana := w.person("ana")
		refused := func() int {
			n, err := viewList(w, func(tx *db.Tx) ([]int, error) {
				return db.List(t.Context(), tx, db.One[int], `SELECT refused FROM notify_person WHERE person = $1`, ana)
			})
			if err != nil || len(n) == 0 {
				return 0
			}
			return n[0]
		}
		for n := range 5 {
			w.happens("thing.named", "t1/"+ana, "system:x", true)
			w.drain()
			if want := min(n+1, maxRefused); refused() != want {
				t.Fatalf("after %d letters: %d refused", n+1, refused())
			}
		}
		tight.Stop()
		good := smtptest.Start(t)
		away := mailTo(t, tight)
		w.Store.Mail = away
		w.choose(ana, nil) // unchanged: still resting
		if refused() != maxRefused {
			t.Fatal("woken by saving other choices")
		}
		if err := w.Choose(t.Context(), actorOf(ana), Choices{Mail: false, Quiet: true}); err != nil {
			t.Fatal(err)
		}
		w.choose(ana, nil)
		if refused() != 0 {
			t.Fatal("asking for mail again does not help")
		}
		w.happens("thing.named", "t1/"+ana, "system:x", true)
		if err := w.drainErr(); err == nil {
			t.Fatal("a server that is away gives no error")
		}
		w.Store.Mail = mailTo(t, good)
		w.clock.leap(time.Hour)
		w.drain()
		if letters, _ := good.Letters(t); len(letters) != 1 {
			t.Fatalf("%d letters after the server came back", len(letters))
		}
	}, schemas...)
}

func TestSignInMailIsSealedAndSent(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		server := smtptest.Start(t)
		w := newTown(t, d, func(c *Config) { c.Mail = mailTo(t, server) })
		w.clock.set(time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)) // deep in the night
		l := who.Mail{To: "ana@example.org", Lang: "en", Subject: "notify.changed", Text: "notify.changed", Args: []any{"title", "482-913\nhttps://open.example/enter/abc\nend"}}
		w.update(func(tx *db.Tx) error { return w.Mailer().Send(t.Context(), tx, l) })
		args, err := viewList(w, func(tx *db.Tx) ([]string, error) {
			return db.List(t.Context(), tx, db.One[string], `SELECT args FROM job WHERE kind = 'notify.letter'`)
		})
		if err != nil || len(args) != 1 || strings.Contains(args[0], "482-913") || strings.Contains(args[0], "ana@") {
			t.Fatal(args, err)
		}
		w.drain()
		letters, _ := server.Letters(t)
		if len(letters) != 1 || letters[0].Header.Get("List-Unsubscribe") != "" {
			t.Fatalf("%d letters", len(letters))
		}
		plain, html := parts(t, letters[0])
		if !strings.Contains(plain, "482-913") || !strings.Contains(html, `href="https://open.example/enter/abc`) {
			t.Error(plain, html)
		}
		l.To = "ana@example.org\nBcc: eve@example.org"
		if err := d.Update(t.Context(), func(tx *db.Tx) error { return w.Mailer().Send(t.Context(), tx, l) }); !errors.Is(err, ErrHeader) {
			t.Error(err)
		}
		w.Store.Mail = nil
		l.To = "ana@example.org"
		if err := d.Update(t.Context(), func(tx *db.Tx) error { return w.Mailer().Send(t.Context(), tx, l) }); fault.KindOf(err) != fault.Unavailable {
			t.Error(err)
		}
	}, schemas...)
}

func TestParseSMTP(t *testing.T) {
	for server, ok := range map[string]bool{
		"smtp://mail.example": true, "smtps://u:p@mail.example:465": true, "smtp://[::1]:25": true,
		"mail.example": false, "http://mail.example": false, "smtp://": false, "": false,
	} {
		if _, err := ParseSMTP(server, "a@example.org", ""); (err == nil) != ok {
			t.Errorf("%q: %v", server, err)
		}
	}
	if _, err := ParseSMTP("smtp://h", "nobody", ""); err == nil {
		t.Error("a sender without an address")
	}
}

// certificate writes a certificate for 127.0.0.1 and its key, and returns who
// trusts it.
func certificate(t testing.TB) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, roots = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem"), x509.NewCertPool()
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return cert, key, roots
}

// A server that insists on TLS gets it; one whose certificate nobody vouches
// for gets no letter; one that offers no TLS gets no password.
func TestLettersGoEncrypted(t *testing.T) {
	cert, key, roots := certificate(t)
	server := smtptest.Start(t, "--tlscert", cert, "--tlskey", key)
	l := Letter{ID: "x", To: "ana@example.org", Lang: "en", Subject: "Hello", Text: "text"}
	m := mailTo(t, server)
	if err := m.Send(t.Context(), l); err == nil {
		t.Error("sent to a server with a certificate that nobody vouches for")
	}
	m.config = &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	if err := m.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if letters, _ := server.Letters(t); len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	plain := smtptest.Start(t)
	m, err := ParseSMTP("smtp://user:password@"+plain.Address, "ceiba@open.example", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Send(t.Context(), l); err == nil {
		t.Error("a password went over an open line")
	}
}
