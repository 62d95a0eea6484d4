package ballot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// deskView is what those who run polls see first.
type deskView struct {
	Drafts, Going []ballot.Poll
	Orgs          map[string]string
}

func (s *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	orgs, everywhere := who.From(ctx).Orgs("poll.write")
	if everywhere {
		orgs = nil
	} else if orgs == nil {
		orgs = []string{}
	}
	var v deskView
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Drafts, _, err = ballot.List(ctx, tx, ballot.Filter{States: []ballot.State{ballot.Draft}, Orgs: orgs, Limit: 100}); err != nil {
			return err
		}
		going := []ballot.State{ballot.Declared, ballot.Open, ballot.Closed, ballot.Provisional}
		if v.Going, _, err = ballot.List(ctx, tx, ballot.Filter{States: going, Orgs: orgs, Limit: 100}); err != nil {
			return err
		}
		_, v.Orgs, err = s.describe(ctx, tx, append(v.Drafts, v.Going...))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "polls.desk"), Private: true}, deskPage(v))
}

// form is a poll as it is typed.
type form struct {
	Org, Title, Text, Lang, Method, Options, Max, Seats, Secrecy, Level string
	Quorum, BlocQuorum, Majority, Blocs, Tie, Window                    string
	Opens, OpensAt, Closes, ClosesAt                                    string // dates YYYY-MM-DD, times HH:MM in Belize
	Version                                                             int64
}

// formView is the form for a poll, new or not.
type formView struct {
	web.Wrong
	form
	Slug string // empty for a new one
	Orgs []org.Choice
}

// quorums are the shares that the form offers.
var quorums = map[string]ballot.Quorum{
	"none": {}, "third": {Num: 1, Den: 3}, "half": {Num: 1, Den: 2}, "majority": {Num: 1, Den: 2, Over: true}, "two_thirds": {Num: 2, Den: 3},
}

func readPoll(r *http.Request) (f form, err error) {
	in, err := web.ReadForm(r)
	if err != nil {
		return f, err
	}
	f = form{
		Org: in.Line("org"), Title: in.Line("title"), Text: in.Text("text"), Lang: in.Line("lang"), Method: in.Line("method"), Options: in.Text("options"),
		Max: in.Line("max"), Seats: in.Line("seats"), Secrecy: in.Line("secrecy"), Level: in.Line("level"), Quorum: in.Line("quorum"),
		BlocQuorum: in.Line("bloc_quorum"), Majority: in.Line("majority"), Blocs: in.Line("blocs"), Tie: in.Line("tie"), Window: in.Line("window"),
		Opens: in.Date("opens"), OpensAt: in.Line("opens_at"), Closes: in.Date("closes"), ClosesAt: in.Line("closes_at"),
	}
	f.Version, _ = strconv.ParseInt(in.Line("version"), 10, 64)
	return f, nil
}

// draft turns what was typed into a draft, or says which fields are wrong.
func (f form) draft() (in ballot.Draftee, err error) {
	var wrong fault.Fields
	number := func(name, text string, otherwise int) int {
		if text == "" {
			return otherwise
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			wrong.Add(name, "fault.number")
		}
		return n
	}
	in = ballot.Draftee{Org: f.Org, Title: f.Title, Text: f.Text, Lang: f.Lang, Terms: ballot.Terms{
		Method: ballot.Method(f.Method), Max: number("max", f.Max, 0), Seats: number("seats", f.Seats, 1), Secrecy: ballot.Secrecy(f.Secrecy),
		Level: who.Level(number("level", f.Level, int(who.L1))), Majority: ballot.Majority(f.Majority), Tie: ballot.TieRule(f.Tie),
		WindowHours: number("window", f.Window, ballot.Window), Quorum: quorums[f.Quorum],
	}}
	if q := quorums[f.BlocQuorum]; q.Den > 0 {
		in.Terms.Quorum.BlocNum, in.Terms.Quorum.BlocDen = q.Num, q.Den
	}
	for _, b := range strings.Split(f.Blocs, ",") {
		if b = strings.TrimSpace(b); b != "" {
			in.Terms.Blocs = append(in.Terms.Blocs, b)
		}
	}
	for _, line := range strings.Split(f.Options, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			in.Terms.Options = append(in.Terms.Options, ballot.Option{Label: line})
		}
	}
	if f.Org == "" {
		wrong.Add("org", "fault.required")
	}
	in.Opens = moment(&wrong, "opens", f.Opens, f.OpensAt)
	in.Closes = moment(&wrong, "closes", f.Closes, f.ClosesAt)
	return in, wrong.Err()
}

// moment reads a day and a time in Belize.
func moment(wrong *fault.Fields, name, day, at string) db.Time {
	if day == "" {
		return db.Time{}
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+at, i18n.Belize)
	if err != nil {
		wrong.Add(name, "polls.bad_time")
	}
	return db.Time{Time: t}
}

// formOf is a poll as the form shows it.
func formOf(p ballot.Poll) form {
	t := p.Terms
	f := form{
		Org: p.Org, Title: p.Title, Text: p.Text, Lang: p.Lang, Method: string(t.Method), Secrecy: string(t.Secrecy), Level: strconv.Itoa(int(t.Level)),
		Seats: strconv.Itoa(t.Seats), Majority: string(t.Majority), Blocs: strings.Join(t.Blocs, ", "), Tie: string(t.Tie), Window: strconv.Itoa(t.WindowHours),
		Quorum: "none", BlocQuorum: "none", Version: p.Version,
	}
	if t.Max > 0 {
		f.Max = strconv.Itoa(t.Max)
	}
	for name, q := range quorums {
		if q.Den > 0 && q.Num == t.Quorum.Num && q.Den == t.Quorum.Den && q.Over == t.Quorum.Over {
			f.Quorum = name
		}
		if q.Den > 0 && !q.Over && q.Num == t.Quorum.BlocNum && q.Den == t.Quorum.BlocDen {
			f.BlocQuorum = name
		}
	}
	if t.Method != ballot.YesNo {
		var lines []string
		for _, o := range t.Options {
			lines = append(lines, o.Label)
		}
		f.Options = strings.Join(lines, "\n")
	}
	opens, closes := p.Opens.In(i18n.Belize), p.Closes.In(i18n.Belize)
	f.Opens, f.OpensAt, f.Closes, f.ClosesAt = opens.Format(time.DateOnly), opens.Format("15:04"), closes.Format(time.DateOnly), closes.Format("15:04")
	return f
}

func (s *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	now := s.DB.Now().In(i18n.Belize)
	return s.form(w, r, http.StatusOK, formView{form: form{
		Lang: i18n.LangOf(r.Context()), Method: string(ballot.YesNo), Secrecy: string(ballot.Secret), Level: "1", Seats: "1", Quorum: "none", BlocQuorum: "none",
		Majority: string(ballot.Simple), Tie: string(ballot.ByCheckpoint), Window: strconv.Itoa(ballot.Window),
		Opens: now.AddDate(0, 0, 1).Format(time.DateOnly), OpensAt: "08:00", Closes: now.AddDate(0, 0, 8).Format(time.DateOnly), ClosesAt: "18:00",
	}})
}

func (s *Pages) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Orgs, err = org.Choices(ctx, tx, who.From(ctx), "poll.write")
		return err
	}); err != nil {
		return err
	}
	if v.Org == "" && len(v.Orgs) == 1 {
		v.Org = v.Orgs[0].ID
	}
	title := i18n.T(ctx, "polls.new")
	if v.Slug != "" {
		title = i18n.T(ctx, "polls.edit")
	}
	return web.Page(w, r, status, ui.Page{Title: title, Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "polls.desk"), Href: "/polls/desk"}}}, formPage(title, v))
}

func (s *Pages) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := readPoll(r)
	if err != nil {
		return err
	}
	if err := who.From(ctx).Must("poll.write", who.In(f.Org)); err != nil && f.Org != "" {
		return err
	}
	var p ballot.Poll
	in, err := f.draft()
	if err == nil {
		err = s.DB.Update(ctx, func(tx *db.Tx) error { p, err = s.Office.Create(ctx, tx, who.From(ctx), in); return err })
	}
	if wrong, ok := web.Mend(w, r, err, "title", label); ok {
		return s.form(w, r, wrong.Status, formView{Wrong: wrong, form: f})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "polls.created")
	web.Redirect(w, r, "/poll/"+p.Slug+"/voters")
	return nil
}

func (s *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	var p ballot.Poll
	if err := s.DB.View(r.Context(), func(tx *db.Tx) (err error) { p, err = s.mine(r.Context(), tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	return s.form(w, r, http.StatusOK, formView{form: formOf(p), Slug: p.Slug})
}

func (s *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := readPoll(r)
	if err != nil {
		return err
	}
	var now ballot.Poll
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) { now, err = s.mine(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	f.Org = now.Org
	in, err := f.draft()
	var p ballot.Poll
	if err == nil {
		if now.Terms.Method == in.Terms.Method {
			keepRefs(now.Terms.Options, in.Terms.Options)
		}
		err = s.DB.Update(ctx, func(tx *db.Tx) error {
			p, err = s.Office.Edit(ctx, tx, who.From(ctx), now.ID, f.Version, in)
			return err
		})
	}
	if errors.Is(err, db.ErrConflict) {
		return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(ctx, "web.title.409"), Kind: ui.Form, Private: true}, conflictPage(now, f))
	}
	if wrong, ok := web.Mend(w, r, err, "title", label); ok {
		return s.form(w, r, wrong.Status, formView{Wrong: wrong, form: f, Slug: now.Slug})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "polls.saved")
	web.Redirect(w, r, p.Ref().Path())
	return nil
}

// keepRefs leaves with an option what it had beside its label.
func keepRefs(old, now []ballot.Option) {
	for i := range now {
		for _, o := range old {
			if o.Label == now[i].Label {
				now[i].Ref, now[i].Text = o.Ref, o.Text
			}
		}
	}
}

// votersView is where it is said who may vote.
type votersView struct {
	web.Wrong
	Poll   ballot.Poll
	Kinds  []string
	List   string
	Voters []ballot.Voter
	Names  map[string]string
	Next   string
}

func (s *Pages) votersForm(w http.ResponseWriter, r *http.Request) error {
	return s.votersWith(w, r, http.StatusOK, votersView{})
}

func (s *Pages) votersWith(w http.ResponseWriter, r *http.Request, status int, v votersView) error {
	const page = 100
	ctx := r.Context()
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Poll, err = s.mine(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if v.Voters, err = ballot.Electorate(ctx, tx, v.Poll.ID, r.URL.Query().Get("after"), page+1); err != nil {
			return err
		}
		if len(v.Voters) > page {
			v.Voters = v.Voters[:page]
			v.Next = v.Voters[page-1].ID
		}
		v.Names, err = voterNames(ctx, tx, v.Voters)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "polls.voters"), Kind: ui.Form, Private: true, Crumbs: crumbs(ctx, v.Poll)}, votersPage(v))
}

func voterNames(ctx context.Context, tx *db.Tx, vs []ballot.Voter) (map[string]string, error) {
	var people, orgs []string
	for _, v := range vs {
		if v.Kind == ballot.Person {
			people = append(people, v.ID)
		} else {
			orgs = append(orgs, v.ID)
		}
	}
	out, err := who.NamesOf(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	for k, n := range names {
		out[k] = n
	}
	return out, err
}

func (s *Pages) setVoters(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := votersView{Kinds: f.All("kinds"), List: f.Text("list")}
	n := 0
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := s.mine(ctx, tx, r.PathValue("key"))
		if err != nil {
			return err
		}
		voters, err := v.read(ctx, tx)
		if err != nil {
			return err
		}
		n = len(voters)
		return s.Office.SetElectorate(ctx, tx, who.From(ctx), p.ID, voters)
	})
	if wrong, ok := web.Mend(w, r, err, "list", label); ok {
		v.Wrong = wrong
		return s.votersWith(w, r, wrong.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "polls.voters_set", "n", fmt.Sprint(n))
	web.Redirect(w, r, "/poll/"+r.PathValue("key"))
	return nil
}

// read gathers the voters of both ways to name them; who is named twice is one.
func (v votersView) read(ctx context.Context, tx *db.Tx) ([]ballot.Voter, error) {
	var kinds []org.Kind
	for _, k := range v.Kinds {
		kinds = append(kinds, org.Kind(k))
	}
	listed, err := ballot.ReadVoters(ctx, tx, v.List)
	if err != nil {
		return nil, err
	}
	byKind, err := ballot.OrgsOfKind(ctx, tx, kinds)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []ballot.Voter
	for _, x := range append(listed, byKind...) { // what is said of one by name goes before what is said of its kind
		if !seen[x.ID] {
			out = append(out, x)
		}
		seen[x.ID] = true
	}
	if len(out) == 0 {
		return nil, fault.Fields{{Name: "list", Key: "ballot.nobody"}}
	}
	return out, nil
}
