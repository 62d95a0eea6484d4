package ballot

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"rsc.io/qr"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

func label(ctx context.Context, field string) string { return i18n.T(ctx, "polls.field."+field) }

// votedView is the page after a secret vote.
type votedView struct {
	Poll    ballot.Poll
	Code    string
	Token   string
	Changed bool
	QR      string // a picture as a data address; empty where the code is too long for one
	Href    string // where the receipt is looked up
}

// readVote takes a vote from the form.
func readVote(f web.Form, p ballot.Poll) (ballot.Vote, typed) {
	in := ballot.Vote{Poll: p.ID, Voter: f.Line("voter"), Choices: f.All("choices"), Blank: f.Has("blank"), Token: f.Line("token")}
	t := typed{Voter: in.Voter, Blank: in.Blank, Code: f.Line("code"), Ranks: map[string]string{}}
	if t.Code != "" {
		in.Token = t.Code
	}
	if p.Terms.Method == ballot.STV {
		in.Choices = ranking(f, p, t.Ranks)
	}
	t.Choices = in.Choices
	return in, t
}

// ranking puts options in the order of the numbers that were typed beside them.
// An option whose number is none, or another's too, makes a ranking that the
// office refuses: it comes twice.
func ranking(f web.Form, p ballot.Poll, ranks map[string]string) (out []string) {
	at := map[string]int{}
	for _, o := range p.Terms.Options {
		text := f.Line("rank." + o.ID)
		ranks[o.ID] = text
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return []string{o.ID, o.ID}
		}
		for other, m := range at {
			if m == n {
				return []string{other, other}
			}
		}
		at[o.ID] = n
		out = append(out, o.ID)
	}
	slices.SortFunc(out, func(a, b string) int { return at[a] - at[b] })
	return out
}

func (s *Pages) vote(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var p ballot.Poll
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) { p, err = s.find(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	in, t := readVote(f, p)
	got, err := s.Office.Cast(ctx, who.From(ctx), in)
	if wrong, ok := web.Mend(w, r, err, "choices", label); ok {
		return s.showWith(w, r, wrong.Status, pollView{Wrong: wrong, Typed: t})
	}
	if err != nil {
		return err
	}
	if p.Terms.Secrecy == ballot.Named {
		web.Flash(w, ui.Done, "polls.voted")
		web.Redirect(w, r, p.Ref().Path())
		return nil
	}
	v := votedView{Poll: p, Code: got.Code, Token: in.Token, Changed: got.Changed, Href: "/poll/" + p.Slug + "/receipt?code=" + got.Code}
	if code, err := qr.Encode(s.Base()+"/poll/"+p.ID+"/receipt?code="+got.Code, qr.M); err == nil {
		code.Scale = 4
		v.QR = "data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "polls.thanks"), Private: true, Crumbs: crumbs(ctx, p)}, votedPage(v))
}

func crumbs(ctx context.Context, p ballot.Poll) []ui.Link {
	return []ui.Link{{Text: i18n.T(ctx, "polls.nav"), Href: "/polls"}, {Text: p.Title, Href: "/poll/" + p.Slug}}
}

func (s *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := s.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := s.find(ctx, tx, r.PathValue("key"))
		if err != nil {
			return err
		}
		return s.Office.Withdraw(ctx, tx, who.From(ctx), p.ID, f.Line("voter"))
	}); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "polls.withdrawn")
	web.Redirect(w, r, "/poll/"+r.PathValue("key"))
	return nil
}

func (s *Pages) object(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	text := f.Text("text")
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := s.find(ctx, tx, r.PathValue("key"))
		if err != nil {
			return err
		}
		return s.Office.Object(ctx, tx, who.From(ctx), p.ID, text)
	})
	if wrong, ok := web.Mend(w, r, err, "text", label); ok {
		return s.showWith(w, r, wrong.Status, pollView{Wrong: wrong, Typed: typed{Object: text}})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "polls.objected")
	web.Redirect(w, r, "/poll/"+r.PathValue("key"))
	return nil
}

// receiptView is what a receipt proves.
type receiptView struct {
	Poll  ballot.Poll
	Code  string
	Found ballot.Inclusion
}

func (s *Pages) receipt(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := receiptView{Code: strings.TrimSpace(r.URL.Query().Get("code"))}
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Poll, err = s.find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if v.Poll.Terms.Secrecy != ballot.Secret || !v.Poll.Public() {
			return db.ErrNotFound
		}
		if v.Code != "" {
			v.Found, err = ballot.Included(ctx, tx, v.Poll, v.Code)
		}
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "polls.receipt"), Private: true, Crumbs: crumbs(ctx, v.Poll)}, receiptPage(v))
}

func (s *Pages) published(r *http.Request) (l ballot.PublicList, err error) {
	ctx := r.Context()
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		p, err := s.find(ctx, tx, r.PathValue("key"))
		if err == nil {
			l, err = ballot.Published(ctx, tx, p)
		}
		return err
	})
	return l, err
}

func (s *Pages) ballotsCSV(w http.ResponseWriter, r *http.Request) error {
	l, err := s.published(r)
	if err != nil {
		return err
	}
	return send(w, "text/csv; charset=utf-8; header=present", l.CSV)
}

func (s *Pages) ballotsJSON(w http.ResponseWriter, r *http.Request) error {
	l, err := s.published(r)
	if err != nil {
		return err
	}
	return send(w, "application/json", l.JSON)
}

func send(w http.ResponseWriter, typ string, body func() ([]byte, error)) error {
	b, err := body()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", typ)
	_, err = w.Write(b)
	return err
}
