package ballot

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// runView is where those who run a poll do what is left to people.
type runView struct {
	web.Wrong
	Poll       ballot.Poll
	Stands     map[ballot.Standing]int
	Bags       []ballot.Bag
	WaitLot    bool
	Objections []ballot.Objection
	Over       bool // no vote is taken any more
	MayFinish  bool
	Step       string // whose form is shown again
	Typed      map[string]string
}

// at returns what was typed into the form of a step.
func (v runView) at(step, field string) string {
	if v.Step != step {
		return ""
	}
	return v.Typed[field]
}

func (v runView) errs(step string) ui.FieldErrors {
	if v.Step != step {
		return nil
	}
	return v.Errors
}

func (s *Pages) run(w http.ResponseWriter, r *http.Request) error {
	return s.runWith(w, r, http.StatusOK, runView{})
}

func (s *Pages) runWith(w http.ResponseWriter, r *http.Request, status int, v runView) error {
	ctx := r.Context()
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Poll, err = s.mine(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		v.Over = v.Poll.Over(tx.Now)
		v.MayFinish = v.Poll.State == ballot.Provisional && !tx.Now.Before(v.Poll.ObjectUntil())
		if v.Stands, err = ballot.Standings(ctx, tx, v.Poll.ID); err != nil {
			return err
		}
		if v.Bags, err = ballot.Bags(ctx, tx, v.Poll); err != nil {
			return err
		}
		if _, v.WaitLot, err = ballot.Waiting(ctx, tx, v.Poll); err != nil {
			return err
		}
		v.Objections, err = ballot.Objections(ctx, tx, v.Poll.ID)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "polls.run"), Kind: ui.Form, Private: true, Crumbs: crumbs(ctx, v.Poll)}, runPage(v))
}

// stepFields are the fields of the forms of a run, to be shown again.
var stepFields = []string{"reason", "closes_at", "voter", "bag", "text", "witness1", "witness2"}

func (s *Pages) step(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	step := r.PathValue("step")
	var p ballot.Poll
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		if p, err = s.mine(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		return s.do(ctx, tx, p, step, f)
	})
	if wrong, ok := web.Mend(w, r, err, "reason", label); ok {
		v := runView{Wrong: wrong, Step: step, Typed: map[string]string{"closes": f.Date("closes")}}
		for _, name := range stepFields {
			v.Typed[name] = f.Text(name)
		}
		if step == "declare" { // its button stands on the poll's own page
			web.Flash(w, ui.Attention, "polls.not_declared", "why", v.Errors[0].Text)
			web.Redirect(w, r, "/poll/"+r.PathValue("key"))
			return nil
		}
		return s.runWith(w, r, wrong.Status, v)
	}
	if err != nil {
		return err
	}
	if err := s.Office.Advance(ctx, p.ID); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "polls.done."+step)
	to := "/poll/" + r.PathValue("key")
	if step != "declare" {
		to += "/run"
	}
	web.Redirect(w, r, to)
	return nil
}

// stepAsked is what a step of a run is asked with.
type stepAsked struct {
	reason, voter, bag string
	closes             db.Time
}

// do takes one of the steps that people take on the page.
func (s *Pages) do(ctx context.Context, tx *db.Tx, p ballot.Poll, step string, f web.Form) error {
	asked := stepAsked{reason: f.Text("reason"), voter: f.Line("voter"), bag: f.Line("bag")}
	switch step {
	case "extend":
		var wrong fault.Fields
		asked.closes = moment(&wrong, "closes", f.Date("closes"), f.Line("closes_at"))
		if err := wrong.Err(); err != nil {
			return err
		}
	case "draw": // two people watch a lot being drawn: on the page alone
		witnesses, err := witnesses(ctx, tx, f)
		if err != nil {
			return err
		}
		return s.Office.Draw(ctx, tx, who.From(ctx), p.ID, f.Text("text"), witnesses)
	}
	return s.take(ctx, tx, p, step, asked)
}

// take takes a step, of the page or of the API.
func (s *Pages) take(ctx context.Context, tx *db.Tx, p ballot.Poll, step string, asked stepAsked) (err error) {
	actor := who.From(ctx)
	switch step {
	case "declare":
		_, err = s.Office.Declare(ctx, tx, actor, p.ID)
	case "extend":
		err = s.Office.Extend(ctx, tx, actor, p.ID, asked.closes, asked.reason)
	case "recuse", "paper":
		voter, err := one(ctx, tx, asked.voter)
		if err != nil {
			return err
		}
		if step == "recuse" {
			return s.Office.Recuse(ctx, tx, actor, p.ID, voter, asked.reason)
		}
		return s.Office.IssuePaper(ctx, tx, actor, p.ID, voter, asked.bag)
	case "finalise":
		err = s.Office.Finalise(ctx, tx, actor, p.ID, asked.reason)
	case "annul":
		err = s.Office.Annul(ctx, tx, actor, p.ID, asked.reason)
	case "abort":
		err = s.Office.Abort(ctx, tx, actor, p.ID, asked.reason)
	default:
		err = db.ErrNotFound
	}
	return err
}

// one reads the voter of a form: an id, or what ReadVoters takes.
func one(ctx context.Context, tx *db.Tx, text string) (string, error) {
	vs, err := ballot.ReadVoters(ctx, tx, text)
	if fields, ok := web.FieldErrors(err); ok {
		fields[0].Name = "voter"
		return "", fields
	}
	if err == nil && len(vs) != 1 {
		err = fault.Fields{{Name: "voter", Key: "fault.required"}}
	}
	if err != nil {
		return "", err
	}
	return vs[0].ID, nil
}

// witnesses reads two e-mail addresses of accounts.
func witnesses(ctx context.Context, tx *db.Tx, f web.Form) (out [2]string, err error) {
	for i, name := range []string{"witness1", "witness2"} {
		if out[i], err = ballot.PersonByEmail(ctx, tx, f.Line(name)); err != nil {
			return out, err
		}
	}
	return out, nil
}

// bagView is the form for what was read off the ballots of a bag.
type bagView struct {
	web.Wrong
	Poll  ballot.Poll
	Bag   ballot.Bag
	Typed map[string]string
}

func (s *Pages) bagForm(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("name") == "" { // the bags are listed there
		return s.run(w, r)
	}
	return s.bagWith(w, r, http.StatusOK, bagView{}, r.URL.Query().Get("name"))
}

func (s *Pages) bagWith(w http.ResponseWriter, r *http.Request, status int, v bagView, name string) error {
	ctx := r.Context()
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Poll, err = s.mine(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		bags, err := ballot.Bags(ctx, tx, v.Poll)
		if err != nil {
			return err
		}
		for _, b := range bags {
			if b.Name == name {
				v.Bag = b
				return nil
			}
		}
		return db.ErrNotFound
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "polls.bag", "bag", name), Kind: ui.Form, Private: true, Crumbs: crumbs(ctx, v.Poll)}, bagPage(v))
}

func (s *Pages) enterBag(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	name := f.Line("name")
	var b ballot.Bag
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := s.mine(ctx, tx, r.PathValue("key"))
		if err != nil {
			return err
		}
		sheet, err := readSheet(f, p)
		if err != nil {
			return err
		}
		seen, err := witnesses(ctx, tx, f)
		if err != nil {
			return err
		}
		b, err = s.Office.Enter(ctx, tx, who.From(ctx), p.ID, name, sheet, seen)
		return err
	})
	if wrong, ok := web.Mend(w, r, err, "counted", label); ok {
		v := bagView{Wrong: wrong, Typed: map[string]string{}}
		for _, n := range f.Names() {
			v.Typed[n] = f.Text(n)
		}
		return s.bagWith(w, r, wrong.Status, v, name)
	}
	if err != nil {
		return err
	}
	if b.Sheet != nil {
		web.Flash(w, ui.Done, "polls.bag_agreed")
	} else {
		web.Flash(w, ui.Attention, "polls.bag_waits")
	}
	web.Redirect(w, r, "/poll/"+r.PathValue("key")+"/run")
	return nil
}

// readSheet reads a sheet: sums beside the options, or one ranking on a line,
// "3: A > B", by the places of the options in the list.
func readSheet(f web.Form, p ballot.Poll) (s ballot.Sheet, err error) {
	var wrong fault.Fields
	s.Counted, s.Valid, s.Blank, s.Null = f.Int(&wrong, "counted"), f.Int(&wrong, "valid"), f.Int(&wrong, "blanks"), f.Int(&wrong, "null")
	if p.Terms.Method == ballot.STV {
		s.Rankings = readRankings(&wrong, f.Text("rankings"), p)
		return s, wrong.Err()
	}
	s.Sums = map[string]int{}
	for _, o := range p.Terms.Options {
		s.Sums[o.ID] = f.Int(&wrong, "sum."+o.ID)
	}
	return s, wrong.Err()
}

func readRankings(wrong *fault.Fields, text string, p ballot.Poll) (out []ballot.Pile) {
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		count, order, _ := strings.Cut(line, ":")
		n, err := strconv.Atoi(strings.TrimSpace(count))
		pile := ballot.Pile{N: n}
		for _, place := range strings.FieldsFunc(order, func(r rune) bool { return r == '>' || r == ',' || r == ' ' || r == '\r' }) {
			i, err2 := strconv.Atoi(place)
			if err2 != nil || i < 1 || i > len(p.Terms.Options) {
				err = fault.New(fault.Invalid, "ballot.sheet_ranking")
				break
			}
			pile.Choices = append(pile.Choices, p.Terms.Options[i-1].ID)
		}
		if err != nil {
			wrong.Add("rankings", "ballot.sheet_ranking")
			return nil
		}
		out = append(out, pile)
	}
	return out
}
