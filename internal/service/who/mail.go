package who

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
)

// Mail is a letter about signing in. Its words are sentences of locale/, so
// that whoever sends it can say it in the reader's language.
type Mail struct {
	To      string // an e-mail address
	Lang    string
	Subject string // key of a sentence
	Text    string // key of a sentence
	Args    []any  // pairs of a name and a value, for both
}

// Mailer sends mail once the transaction has committed, and not otherwise.
type Mailer interface {
	Send(ctx context.Context, tx *db.Tx, m Mail) error
}

// ShownMail is a letter as the demonstration shows it.
type ShownMail struct {
	At      time.Time
	To      string
	Subject string
	Text    string
}

// DemoMailer sends nothing: it prints letters to the terminal and keeps the
// last twenty for a page. It serves demonstrations and development only, as
// whoever sees its page can sign in as anybody.
type DemoMailer struct {
	Words *i18n.Catalog
	Out   io.Writer // the terminal; nil for none

	mu   sync.Mutex
	last []ShownMail
}

// Send implements Mailer.
func (d *DemoMailer) Send(_ context.Context, tx *db.Tx, m Mail) error {
	p := d.Words.For(m.Lang)
	shown := ShownMail{At: tx.Now, To: m.To, Subject: p.T(m.Subject, m.Args...), Text: p.T(m.Text, m.Args...)}
	tx.OnCommit(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.last = append(d.last, shown)
		if len(d.last) > 20 {
			d.last = d.last[len(d.last)-20:]
		}
		if d.Out != nil {
			fmt.Fprintf(d.Out, "demo mail to %s: %s\n%s\n", shown.To, shown.Subject, shown.Text)
		}
	})
	return nil
}

// Last returns the letters, the newest first.
func (d *DemoMailer) Last() []ShownMail {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []ShownMail
	for i := len(d.last) - 1; i >= 0; i-- {
		out = append(out, d.last[i])
	}
	return out
}
