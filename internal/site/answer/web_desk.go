package answer

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

const deskSize = 50

// deskView is the desk of a call: what came in, and what to do with it.
type deskView struct {
	web.Wrong
	Box      answer.Box
	Slug     string
	Now      db.Time
	Standing answer.Standing
	Filter   answer.Filter
	Query    url.Values
	Matching int
	Inputs   []answer.Input
	Contests map[string]string
	Themes   []answer.Theme
	Next     string
	Chosen   []string // as ticked before something was wrong
	Into     string
	Theme    string
}

// Path is the desk's address.
func (v deskView) Path() string { return "/call/" + v.Slug + "/desk" }

// atDesk reads the call of an address for somebody who may answer it.
func (p *Pages) atDesk(ctx context.Context, tx *db.Tx, key string) (answer.Box, string, error) {
	b, slug, err := p.BoxByKey(ctx, tx, who.From(ctx), key)
	if err != nil {
		return b, "", err
	}
	if !p.May(ctx, tx, who.From(ctx), "answer.reply", b) {
		return b, "", fault.New(fault.Denied, "call.not_your_desk")
	}
	return b, slug, nil
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	return p.deskWith(w, r, http.StatusOK, deskView{Query: r.URL.Query()})
}

func (p *Pages) deskWith(w http.ResponseWriter, r *http.Request, status int, v deskView) error {
	ctx := r.Context()
	v.Filter = filterOf(v.Query)
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = db.Time{Time: tx.Now}
		if v.Box, v.Slug, err = p.atDesk(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if v.Standing, err = answer.StandingOf(ctx, tx, v.Box.ID); err != nil {
			return err
		}
		if v.Matching, err = answer.Matching(ctx, tx, v.Box.ID, v.Filter, answer.MostAtOnce); err != nil {
			return err
		}
		if v.Themes, err = answer.Themes(ctx, tx, v.Box.ID); err != nil {
			return err
		}
		if v.Inputs, v.Next, err = answer.Inputs(ctx, tx, v.Box.ID, v.Filter, v.Query.Get("cursor"), deskSize); err != nil {
			return err
		}
		v.Contests, err = answer.ContestsOf(ctx, tx, idsOf(v.Inputs))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "call.desk"), Kind: ui.Form, Private: true, Wide: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "call.nav"), Href: "/calls"}, {Text: v.Box.Title, Href: "/call/" + v.Slug}},
	}, deskPage(v))
}

func idsOf(list []answer.Input) (ids []string) {
	for _, x := range list {
		ids = append(ids, x.ID)
	}
	return ids
}

// act does something with the inputs that were ticked.
func (p *Pages) act(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	q, _ := url.ParseQuery(f.Line("query"))
	v := deskView{Query: q, Chosen: slices.Compact(slices.Sorted(slices.Values(f.All("input")))), Into: f.Line("into"), Theme: f.Line("theme_title")}
	if f.Line("do") == "answer" && len(v.Chosen) > 0 {
		web.Redirect(w, r, "/call/"+r.PathValue("key")+"/answer?"+url.Values{"input": v.Chosen}.Encode())
		return nil
	}
	var n int
	err = p.DB.Update(ctx, func(tx *db.Tx) error { n, err = p.do(ctx, tx, r.PathValue("key"), f, v); return err })
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "inputs", fieldLabel); ok {
		return p.deskWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.done_with", "n", n)
	to := "/call/" + r.PathValue("key") + "/desk"
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	web.Redirect(w, r, to)
	return nil
}

// do is one of the desk's actions; it returns how many inputs it was about.
func (p *Pages) do(ctx context.Context, tx *db.Tx, key string, f web.Form, v deskView) (int, error) {
	b, _, err := p.atDesk(ctx, tx, key)
	if err != nil {
		return 0, err
	}
	actor := who.From(ctx)
	switch f.Line("do") {
	case "acknowledge":
		return p.Move(ctx, tx, actor, b.ID, v.Chosen, answer.Acknowledged)
	case "consider":
		return p.Move(ctx, tx, actor, b.ID, v.Chosen, answer.Considered)
	case "merge":
		return p.Merge(ctx, tx, actor, b.ID, without(v.Chosen, lastPart(v.Into)), lastPart(v.Into))
	case "gather":
		theme := f.Line("theme")
		if v.Theme != "" {
			t, err := p.MakeTheme(ctx, tx, actor, b.ID, v.Theme)
			if err != nil {
				return 0, err
			}
			theme = t.ID
		}
		if theme == "none" {
			theme = ""
		} else if theme == "" {
			return 0, fault.Fields{{Name: "theme", Key: "fault.choice"}}
		}
		return p.Gather(ctx, tx, actor, b.ID, v.Chosen, theme)
	case "answer":
		return 0, fault.Fields{{Name: "inputs", Key: "answer.choose"}}
	}
	return 0, fault.Fields{{Name: "inputs", Key: "fault.choice"}}
}

// lastPart is the id at the end of an address that somebody pasted.
func lastPart(address string) string {
	address, _, _ = strings.Cut(strings.TrimRight(strings.TrimSpace(address), "/"), "?")
	return address[strings.LastIndexByte(address, '/')+1:]
}

func without(list []string, x string) (out []string) {
	for _, v := range list {
		if v != x {
			out = append(out, v)
		}
	}
	return out
}

// replyView is the form of an answer, for inputs, a theme, or a reply that is
// corrected.
type replyView struct {
	web.Wrong
	Box      answer.Box
	Slug     string
	Inputs   []answer.Input
	Contests map[string]string
	Theme    answer.Theme
	In       answer.Reply
	Changed  string // addresses, as typed
	Evidence string
	Edited   bool // In corrects a reply
	Lost     *answer.Reply
}

func (v replyView) action() string {
	if v.Edited {
		return "/reply/" + v.In.ID
	}
	return "/call/" + v.Slug + "/answer"
}

func (p *Pages) answerForm(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if !q.Has("input") && !q.Has("theme") { // they are ticked on the desk
		return p.toDesk(w, r)
	}
	v := replyView{In: answer.Reply{Lang: i18n.LangOf(r.Context())}}
	return p.replyWith(w, r, http.StatusOK, v, q["input"], q.Get("theme"))
}

// toDesk leads somebody who may go there to the desk.
func (p *Pages) toDesk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) error { _, _, err := p.atDesk(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	web.Redirect(w, r, "/call/"+url.PathEscape(r.PathValue("key"))+"/desk")
	return nil
}

// replyWith shows the form for what is to be answered.
func (p *Pages) replyWith(w http.ResponseWriter, r *http.Request, status int, v replyView, inputs []string, theme string) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Box, v.Slug, err = p.atDesk(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if theme != "" {
			if v.Theme, err = answer.ThemeByID(ctx, tx, theme); err != nil || v.Theme.Box != v.Box.ID {
				return db.ErrNotFound
			}
			v.Inputs, _, err = answer.Inputs(ctx, tx, v.Box.ID, answer.Filter{Theme: theme, Open: true}, "", deskSize)
			return err
		}
		for _, key := range inputs[:min(len(inputs), 2*deskSize)] {
			in, b, err := p.Look(ctx, tx, who.From(ctx), key)
			if err != nil || b.ID != v.Box.ID {
				return db.ErrNotFound
			}
			v.Inputs = append(v.Inputs, in)
		}
		if len(v.Inputs) == 0 {
			return db.ErrNotFound
		}
		v.Contests, err = answer.ContestsOf(ctx, tx, idsOf(v.Inputs))
		return err
	}); err != nil {
		return err
	}
	return p.replyPage(w, r, status, v)
}

func (p *Pages) replyPage(w http.ResponseWriter, r *http.Request, status int, v replyView) error {
	ctx := r.Context()
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "call.answer"), Kind: ui.Form, Private: true,
		Crumbs: []ui.Link{{Text: v.Box.Title, Href: "/call/" + v.Slug}, {Text: i18n.T(ctx, "call.desk"), Href: "/call/" + v.Slug + "/desk"}},
	}, replyPage(v))
}

// readReply takes a reply from a form.
func readReply(f web.Form) replyView {
	v := replyView{Changed: f.Text("changed"), Evidence: f.Text("evidence")}
	v.In = answer.Reply{Outcome: answer.State(f.Line("outcome")), Reason: f.Text("reason"), Lang: f.Line("lang")}
	v.In.Evidence.V = strings.Fields(v.Evidence)
	v.In.N, _ = strconv.Atoi(f.Line("version"))
	return v
}

// refs reads the records behind the addresses that somebody pasted.
func (p *Pages) refs(ctx context.Context, tx *db.Tx, typed string) (out []record.Ref, err error) {
	for _, address := range strings.Fields(typed) {
		u, err := url.Parse(address)
		bad := fault.Fields{{Name: "changed", Key: "answer.no_record", Args: []any{"address", address}}}
		if err != nil {
			return nil, bad
		}
		kind, key, ok := strings.Cut(strings.Trim(u.Path, "/"), "/")
		if _, known := p.Kinds().Kind(kind); !ok || !known || strings.Contains(key, "/") {
			return nil, bad
		}
		ref, _, err := record.Resolve(ctx, tx, kind, key)
		if errors.Is(err, db.ErrNotFound) {
			return nil, bad
		}
		if err != nil {
			return nil, err
		}
		out = append(out, ref)
	}
	return out, nil
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, inputs, theme := readReply(f), f.All("input"), f.Line("theme")
	n := len(inputs)
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		b, _, err := p.atDesk(ctx, tx, r.PathValue("key"))
		if err != nil {
			return err
		}
		reply := v.In
		if reply.Changed.V, err = p.refs(ctx, tx, v.Changed); err != nil {
			return err
		}
		if theme != "" {
			_, n, err = p.AnswerTheme(ctx, tx, who.From(ctx), theme, reply)
			return err
		}
		_, err = p.Answer(ctx, tx, who.From(ctx), b.ID, inputs, reply)
		return err
	})
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "outcome", fieldLabel); ok {
		return p.replyWith(w, r, v.Status, v, inputs, theme)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.answered", "n", n)
	web.Redirect(w, r, "/call/"+r.PathValue("key")+"/desk")
	return nil
}

func (p *Pages) correctForm(w http.ResponseWriter, r *http.Request) error {
	return p.correctWith(w, r, http.StatusOK, replyView{})
}

// correctWith shows the form of a reply that stands; what was typed stays.
func (p *Pages) correctWith(w http.ResponseWriter, r *http.Request, status int, v replyView) error {
	ctx := r.Context()
	typed := v.In.Outcome != "" || v.Status != 0
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		old, err := answer.ReplyByID(ctx, tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		if v.Box, v.Slug, err = p.atDesk(ctx, tx, old.Box); err != nil {
			return err
		}
		if !typed {
			v.In, v.Evidence = old, strings.Join(old.Evidence.V, "\n")
			for _, ref := range old.Changed.V {
				v.Changed += ref.Path() + "\n"
			}
		}
		if status == http.StatusConflict { // the next save counts from here
			v.Lost, v.In.N = &old, old.N
		}
		v.In.ID, v.Edited = old.ID, true
		return nil
	}); err != nil {
		return err
	}
	return p.replyPage(w, r, status, v)
}

func (p *Pages) correct(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := readReply(f)
	var done answer.Reply
	var slug string
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		reply := v.In
		reply.ID = r.PathValue("id")
		if reply.Changed.V, err = p.refs(ctx, tx, v.Changed); err != nil {
			return err
		}
		if done, err = p.Correct(ctx, tx, who.From(ctx), reply); err != nil {
			return err
		}
		_, slug, err = p.BoxByKey(ctx, tx, who.From(ctx), done.Box)
		return err
	})
	if errors.Is(err, db.ErrConflict) {
		return p.correctWith(w, r, http.StatusConflict, v)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "outcome", fieldLabel); ok {
		return p.correctWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.corrected")
	web.Redirect(w, r, "/call/"+slug+"/desk")
	return nil
}
