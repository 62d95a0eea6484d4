package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// sheet is what a letter says, for both its parts.
type sheet struct {
	Lang, Site, Base string
	Heading          string
	Groups           []group
	More             string   // how many others there are, with words
	Lines            []string // of a letter that is no news
	Settings         link
	Stop             []link
	Why              string
}

type link struct{ Text, URL string }

// group is the news of one record.
type group struct {
	Title, URL string
	News       []news
}

type news struct{ Text, When string }

// IsURL reports whether a line is a link and nothing else.
func (s sheet) IsURL(line string) bool {
	return strings.HasPrefix(line, s.Base+"/") && !strings.ContainsAny(line, " \t")
}

// page html holds no picture and calls nothing, so that nobody is told when it
// is read.
var letterPage = template.Must(template.New("letter").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Heading}}</title></head>
<body style="margin:0;background:#f6f5f1;color:#1d2a24;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:36em;margin:0 auto;padding:24px 16px">
<p style="margin:0 0 16px;font-weight:700;color:#14532d">{{.Site}}</p>
<h1 style="font-size:22px;line-height:1.25;margin:0 0 16px">{{.Heading}}</h1>
{{range .Groups}}<div style="background:#fff;border:1px solid #d9d6cc;border-radius:6px;padding:12px 16px;margin:0 0 12px">
<p style="margin:0 0 4px;font-weight:600"><a style="color:#14532d" href="{{.URL}}">{{.Title}}</a></p>
{{range .News}}<p style="margin:0">{{.Text}} <span style="color:#5b6660">{{.When}}</span></p>
{{end}}</div>
{{end}}{{with .More}}<p>{{.}}</p>
{{end}}{{range .Lines}}<p style="margin:0 0 12px">{{if $.IsURL .}}<a style="color:#14532d" href="{{.}}">{{.}}</a>{{else}}{{.}}{{end}}</p>
{{end}}<p style="color:#5b6660;font-size:14px;border-top:1px solid #d9d6cc;padding-top:12px">{{.Why}}
{{with .Settings.URL}}<br><a style="color:#5b6660" href="{{.}}">{{$.Settings.Text}}</a>{{end}}
{{range .Stop}}<br><a style="color:#5b6660" href="{{.URL}}">{{.Text}}</a>{{end}}</p>
</div></body></html>
`))

func (s sheet) html() (string, error) {
	var b bytes.Buffer
	err := letterPage.Execute(&b, s)
	return b.String(), err
}

// text is the plain part: whole, and as good as the other.
func (s sheet) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", s.Site, s.Heading)
	for _, g := range s.Groups {
		fmt.Fprintf(&b, "\n%s\n%s\n", g.Title, g.URL)
		for _, n := range g.News {
			fmt.Fprintf(&b, "- %s (%s)\n", n.Text, n.When)
		}
	}
	if s.More != "" {
		fmt.Fprintf(&b, "\n%s\n", s.More)
	}
	for _, l := range s.Lines {
		fmt.Fprintf(&b, "\n%s\n", l)
	}
	fmt.Fprintf(&b, "\n-- \n%s\n", s.Why)
	for _, l := range append([]link{s.Settings}, s.Stop...) {
		if l.URL != "" {
			fmt.Fprintf(&b, "%s: %s\n", l.Text, l.URL)
		}
	}
	return b.String()
}

// maxGroups is how many records a letter tells of.
const maxGroups = 30

// newsLetter writes the letter of a window.
func (s *Store) newsLetter(to who.Person, w window, items []Item) (Letter, error) {
	p := s.Words.For(to.Lang)
	sh := sheet{Lang: p.Lang(), Site: s.Site, Base: s.Base, Heading: heading(p, w.Class, items), Why: p.T("notify.mail_why", "site", s.Site)}
	sh.Groups, sh.More = s.groups(p, items)
	sh.Settings = link{p.T("notify.mail_settings"), s.Base + "/account/notifications"}
	subjects := subjectsOf(items)
	for _, x := range subjects {
		sh.Stop = append(sh.Stop, link{p.T("notify.mail_stop", "topic", p.T(s.subjects[x].Words())), s.StopURL(w.Person, x)})
	}
	stop := everything
	if len(subjects) == 1 {
		stop = subjects[0]
	} else {
		sh.Stop = append(sh.Stop, link{p.T("notify.mail_stop_all"), s.StopURL(w.Person, everything)})
	}
	page, err := sh.html()
	return Letter{ID: w.ID, To: to.Email, Lang: p.Lang(), Subject: oneLine(sh.Heading), Text: sh.text(), HTML: page, Stop: s.StopURL(w.Person, stop)}, err
}

// heading is the one sentence, or how many there are.
func heading(p *i18n.Printer, class Frequency, items []Item) string {
	if len(items) == 1 {
		return items[0].Sentence(p)
	}
	return p.N("notify.mail_heading_"+string(class), len(items))
}

// oneLine makes a title that somebody wrote fit for a header.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < 32 || r == 0x7f {
			return ' '
		}
		return r
	}, s)), " ")
	if r := []rune(s); len(r) > 120 {
		return string(r[:119]) + "…"
	}
	return s
}

// groups puts together what is of one record, in the order of the newest.
func (s *Store) groups(p *i18n.Printer, items []Item) (groups []group, more string) {
	at := map[record.Ref]int{}
	left := 0
	for _, x := range items {
		i, known := at[x.Ref]
		if !known && len(groups) == maxGroups {
			left++
			continue
		}
		if !known {
			i = len(groups)
			at[x.Ref] = i
			groups = append(groups, group{Title: oneLine(x.Card.Title), URL: s.Base + x.Card.Path()})
		}
		groups[i].News = append(groups[i].News, news{oneLine(x.Sentence(p)), p.DateTime(x.At.Time)})
	}
	if left > 0 {
		more = p.N("notify.mail_more", left)
	}
	return groups, more
}

func subjectsOf(items []Item) []string {
	var out []string
	seen := map[string]bool{}
	for _, x := range items {
		if !seen[x.Subject] {
			seen[x.Subject] = true
			out = append(out, x.Subject)
		}
	}
	return out
}

// maxRefused is how many letters in a row an address may refuse.
const maxRefused = 3

// mail sends the letter of a window.
func (s *Store) mail(ctx context.Context, r *job.Run) error {
	var a sending
	if err := r.Args(&a); err != nil {
		return err
	}
	letter, err := s.letterOf(ctx, a.Window)
	if err == nil && letter.To != "" && s.Mail != nil {
		err = s.Mail.Send(ctx, letter)
	}
	refused := errors.Is(err, ErrRefused)
	switch {
	case gone(err): // the person, or all that there was to tell
		return nil
	case refused:
		s.Log.WarnContext(ctx, "notify: letter refused", "window", a.Window, "err", err)
	case errors.Is(err, ErrHeader):
		return fmt.Errorf("%w: %w", job.ErrGiveUp, err)
	case err != nil:
		return err
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		if letter.To != "" {
			if err := s.heardOf(ctx, tx, a.Window, refused); err != nil {
				return err
			}
		}
		return r.Finish(ctx, tx)
	})
}

// heardOf notes that a letter went out, or that its address refused it.
func (s *Store) heardOf(ctx context.Context, tx *db.Tx, windowID string, refused bool) error {
	if !refused {
		if _, err := tx.Exec(ctx, `UPDATE notify_window SET sent_at = $2 WHERE id = $1`, windowID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO notify_person (person, mail, quiet, refused)
		SELECT person, TRUE, TRUE, CASE WHEN $2 THEN 1 ELSE 0 END FROM notify_window WHERE id = $1
		ON CONFLICT (person) DO UPDATE SET refused = CASE WHEN $2 THEN notify_person.refused + 1 ELSE 0 END`, windowID, refused)
	return err
}

// letterOf writes the letter of a window. It has no address where none is to go:
// the person reads no mail, or it went out already.
func (s *Store) letterOf(ctx context.Context, windowID string) (l Letter, err error) {
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		w, items, err := s.open(ctx, tx, windowID)
		if err != nil || len(items) == 0 || !w.Sent.IsZero() {
			return err
		}
		to, err := who.PersonByID(ctx, tx, w.Person)
		if err != nil || to.State != who.Active || !to.Proved || to.Email == "" {
			return err
		}
		ok, err := s.takesMail(ctx, tx, w.Person)
		if err != nil || !ok {
			return err
		}
		l, err = s.newsLetter(to, w, items)
		return err
	})
	return l, err
}

func (s *Store) takesMail(ctx context.Context, tx *db.Tx, person string) (bool, error) {
	ok, err := db.Get(ctx, tx, db.One[bool], `SELECT mail AND refused < $2 FROM notify_person WHERE person = $1`, person, maxRefused)
	if gone(err) {
		return true, nil
	}
	return ok, err
}

// Mailer sends the letters about signing in. They are no news: no choice and no
// hour holds them back. They are sealed in the queue, since whoever can read a
// code can sign in.
func (s *Store) Mailer() who.Mailer { return signInMail{s} }

type signInMail struct{ s *Store }

// Send implements who.Mailer.
func (m signInMail) Send(ctx context.Context, tx *db.Tx, l who.Mail) error {
	if m.s.Mail == nil {
		return fault.New(fault.Unavailable, "notify.no_mail")
	}
	if broken(l.To) {
		return ErrHeader
	}
	p := m.s.Words.For(l.Lang)
	subject, text := oneLine(p.T(l.Subject, l.Args...)), p.T(l.Text, l.Args...)
	sh := sheet{
		Lang: p.Lang(), Site: m.s.Site, Base: m.s.Base, Heading: subject, Lines: strings.Split(strings.TrimSpace(text), "\n"),
		Why: p.T("notify.mail_why_account", "site", m.s.Site),
	}
	page, err := sh.html()
	if err != nil {
		return err
	}
	plain, err := json.Marshal(Letter{To: l.To, Lang: p.Lang(), Subject: subject, Text: sh.text(), HTML: page})
	if err != nil {
		return err
	}
	_, err = job.Enqueue(ctx, tx, jobLetter, job.Options{Args: map[string]string{"sealed": m.s.sealed(plain)}, Priority: 9, Actor: "system:who"})
	return err
}

// letter sends a letter that is no news.
func (s *Store) letter(ctx context.Context, r *job.Run) error {
	var a struct{ Sealed string }
	if err := r.Args(&a); err != nil {
		return err
	}
	plain, err := s.unsealed(a.Sealed)
	if err != nil {
		return fmt.Errorf("%w: %w", job.ErrGiveUp, err)
	}
	var l Letter
	if err := json.Unmarshal(plain, &l); err != nil {
		return fmt.Errorf("%w: %w", job.ErrGiveUp, err)
	}
	if s.Mail == nil {
		return errors.New("no mail server is set")
	}
	l.ID = r.ID()
	err = s.Mail.Send(ctx, l)
	if errors.Is(err, ErrRefused) || errors.Is(err, ErrHeader) {
		return fmt.Errorf("%w: %w", job.ErrGiveUp, err)
	}
	return err
}
