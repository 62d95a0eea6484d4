package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// ErrHeader is returned for a letter with a line break where a header goes.
var ErrHeader = errors.New("notify: a line break in a header")

// ErrRefused is returned for a letter that its server will never take.
var ErrRefused = errors.New("notify: the mail server refused the letter for good")

// SMTP is the server that takes our mail.
type SMTP struct {
	host           string
	port           int
	user, password string
	tls            gomail.TLSPolicy
	implicit       bool        // smtps
	config         *tls.Config // nil is the system's
	from           mail.Address
}

// ParseSMTP reads smtp://USER:PASSWORD@HOST:PORT or smtps://…, the sender's
// address and the name shown with it. With smtp, TLS is used where the server
// offers it, and insisted on where a password would be told.
func ParseSMTP(server, from, name string) (*SMTP, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errors.New("the mail server is not like smtp://USER:PASSWORD@HOST:PORT")
	}
	sender, err := mail.ParseAddress(from)
	if err != nil || broken(from, name) {
		return nil, fmt.Errorf("the sender %q is no e-mail address", from)
	}
	m := &SMTP{host: u.Hostname(), port: 587, implicit: u.Scheme == "smtps", tls: gomail.TLSOpportunistic, from: *sender}
	if name != "" {
		m.from.Name = name
	}
	if m.implicit {
		m.port = 465
	}
	if u.Port() != "" {
		m.port, _ = strconv.Atoi(u.Port()) // Parse let digits through only
	}
	if u.User != nil {
		m.user = u.User.Username()
		m.password, _ = u.User.Password()
		m.tls = gomail.TLSMandatory
	}
	return m, nil
}

// Letter is one message to one person.
type Letter struct {
	ID      string // the first half of its Message-ID: the same for the same letter
	To      string // an address
	Lang    string
	Subject string
	Text    string
	HTML    string
	Stop    string // link that ends such letters with one click; "" for letters that are no news
}

// broken reports whether any of texts could end a header.
func broken(texts ...string) bool {
	for _, t := range texts {
		if strings.ContainsAny(t, "\r\n\x00") {
			return true
		}
	}
	return false
}

// compose makes the message. Whatever comes from people goes through here.
func (m *SMTP) compose(l Letter) (*gomail.Msg, error) {
	if broken(l.ID, l.To, l.Lang, l.Subject, l.Stop) {
		return nil, ErrHeader
	}
	to, err := mail.ParseAddress(l.To)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	msg := gomail.NewMsg()
	msg.FromMailAddress(&m.from)
	msg.ToMailAddress(to)
	msg.Subject(l.Subject)
	msg.SetDate()
	_, host, _ := strings.Cut(m.from.Address, "@")
	msg.SetMessageIDWithValue(l.ID + "@" + host)
	msg.SetGenHeader("Content-Language", l.Lang)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: holiday replies stay away
	if l.Stop != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+l.Stop+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	return msg, nil
}

// Send hands a letter to the server. ErrRefused says that another try is of no
// use.
func (m *SMTP) Send(ctx context.Context, l Letter) error {
	msg, err := m.compose(l)
	if err != nil {
		return err
	}
	opts := []gomail.Option{gomail.WithPort(m.port), gomail.WithTimeout(30 * time.Second), gomail.WithTLSPolicy(m.tls)}
	if m.implicit {
		opts = append(opts, gomail.WithSSL())
	}
	if m.config != nil {
		opts = append(opts, gomail.WithTLSConfig(m.config))
	}
	if m.user != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.user), gomail.WithPassword(m.password))
	}
	client, err := gomail.NewClient(m.host, opts...)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	var no *gomail.SendError
	if errors.As(err, &no) && !no.IsTemp() && no.ErrorCode() >= 500 {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}
