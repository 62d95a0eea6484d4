package forumpage

import (
	"context"
	"time"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// ForumSeatBody is a seat of a forum in the API, with who holds it today.
type ForumSeatBody struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Sector    string `json:"sector"`
	District  string `json:"district,omitempty"`
	CoChair   bool   `json:"co_chair"`
	Org       string `json:"org,omitempty" doc:"Id; empty for a vacant seat"`
	Member    string `json:"member,omitempty"`
	Alternate string `json:"alternate,omitempty"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
	Filled    string `json:"filled,omitempty" doc:"appointment, self_selection or election"`
	Poll      string `json:"poll,omitempty" doc:"That elected"`
}

// ForumBody is a forum in the API.
type ForumBody struct {
	ID         string          `json:"id"`
	Org        string          `json:"org"`
	Name       string          `json:"name"`
	About      string          `json:"about" doc:"Markdown"`
	Scope      string          `json:"scope" doc:"national, or a district"`
	Mandate    string          `json:"mandate"`
	Instrument string          `json:"instrument"`
	Document   string          `json:"document"`
	Date       string          `json:"instrument_date"`
	National   bool            `json:"national_coordination"`
	State      string          `json:"state" doc:"proposed, active, dormant or dissolved"`
	Breach     string          `json:"breach,omitempty" doc:"Rule of parity that is broken: parity or civil_society"`
	Seats      []ForumSeatBody `json:"seats"`
	Rules      string          `json:"rules,omitempty" doc:"Markdown"`
	RulesAt    *time.Time      `json:"rules_published"`
	URL        string          `json:"url"`
}

// DecisionBody is a decision of a forum in the API.
type DecisionBody struct {
	ID        string             `json:"id"`
	Forum     string             `json:"forum"`
	Number    int                `json:"number"`
	Meeting   string             `json:"meeting"`
	Title     string             `json:"title"`
	Text      string             `json:"text" doc:"Markdown"`
	About     string             `json:"about,omitempty" doc:"Record, as KIND:ID"`
	State     string             `json:"state"`
	Way       string             `json:"way,omitempty" doc:"consensus or vote"`
	Poll      string             `json:"poll,omitempty"`
	Decided   *time.Time         `json:"decided"`
	Positions []DecisionPosition `json:"positions"`
	URL       string             `json:"url"`
}

// DecisionPosition is where a member stands on a decision.
type DecisionPosition struct {
	Term     string `json:"term"`
	Position string `json:"position" doc:"agree, aside, object or recused"`
	Reason   string `json:"reason,omitempty"`
}

type forumListInput struct{ listing.Paged }

type forumListOutput struct {
	Body struct {
		Forums []ForumBody `json:"forums"`
		Next   string      `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

type forumInput struct {
	ID string `path:"id" doc:"Id or slug"`
}

type forumOutput struct{ Body ForumBody }

type decisionListInput struct {
	ID string `path:"id" doc:"Id or slug of a forum"`
	listing.Paged
}

type decisionListOutput struct {
	Body struct {
		Decisions []DecisionBody `json:"decisions"`
		Next      string         `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

type decisionOutput struct{ Body DecisionBody }

func (fs *Pages) api(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/forums", Access: web.Public, Tag: "forums", Summary: "Multi-stakeholder forums with their seats"}, fs.apiList)
	api.Add(a, api.Op{Method: "GET", Path: "/forums/{id}", Access: web.Public, Tag: "forums", Summary: "One forum: mandate, seats, members, rules"}, fs.apiGet)
	api.Add(a, api.Op{Method: "GET", Path: "/forums/{id}/decisions", Access: web.Public, Tag: "forums", Summary: "Decisions of a forum, the newest first"}, fs.apiDecisions)
	api.Add(a, api.Op{Method: "GET", Path: "/decisions/{id}", Access: web.Public, Tag: "forums", Summary: "One decision with the positions of members"}, fs.apiDecision)
	fs.listAPI(a)
}

// bodies are forums with their seats and rules, in as many queries as for one.
func (fs *Pages) bodies(ctx context.Context, tx *db.Tx, all []forum.Forum) ([]ForumBody, error) {
	var ids []string
	for _, f := range all {
		ids = append(ids, f.ID)
	}
	last, err := forum.LastMinuted(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	rosters, err := forum.RostersOn(ctx, tx, ids, today(tx))
	if err != nil {
		return nil, err
	}
	rules, err := forum.NewestRules(ctx, tx, ids)
	out := []ForumBody{}
	for _, f := range all {
		b := fs.body(f, rosters[f.ID], rules[f.ID])
		b.State = string(f.Seen(last[f.ID], tx.Now))
		out = append(out, b)
	}
	return out, err
}

func (fs *Pages) body(f forum.Forum, r forum.Roster, rules forum.Rulebook) ForumBody {
	b := ForumBody{
		ID: f.ID, Org: f.Org, Name: f.Name, About: f.About, Scope: f.Scope, Mandate: f.Mandate, Instrument: f.Instrument, Document: f.Document, Date: f.Date, National: f.National,
		URL: fs.Base() + f.Ref().Path(), Seats: []ForumSeatBody{},
	}
	held := map[string]forum.Term{}
	for _, m := range r.Members {
		held[m.Seat.ID] = m.Term
	}
	for _, s := range r.Seats {
		t := held[s.ID]
		b.Seats = append(b.Seats, ForumSeatBody{s.ID, s.Name, s.Sector, s.District, s.Chair, t.Org, t.Name, t.Alternate, t.Starts, lastOf(t), t.Filled, t.Poll})
	}
	b.Breach = forum.BalanceOf(r.Members).Breach()
	if rules.N > 0 {
		b.Rules, b.RulesAt = rules.Text, rules.Published.Maybe()
	}
	return b
}

func lastOf(t forum.Term) string {
	if t.ID == "" {
		return ""
	}
	return t.Last()
}

func (fs *Pages) apiList(ctx context.Context, in *forumListInput) (*forumListOutput, error) {
	out := &forumListOutput{}
	out.Body.Forums = []ForumBody{}
	return out, fs.DB.View(ctx, func(tx *db.Tx) error {
		some, next, err := fs.someForums(ctx, tx, in.Cursor, in.Limit)
		out.Body.Forums, out.Body.Next = append(out.Body.Forums, some...), next
		return err
	})
}

// someForums are a page of the forums, each with its seats.
func (fs *Pages) someForums(ctx context.Context, tx *db.Tx, cursor string, limit int) (out []ForumBody, next string, err error) {
	all, err := forum.All(ctx, tx)
	if err != nil {
		return nil, "", err
	}
	if all, next, err = listing.Cut(all, func(f forum.Forum) string { return f.ID }, cursor, limit); err != nil {
		return nil, "", err
	}
	out, err = fs.bodies(ctx, tx, all)
	return out, next, err
}

func (fs *Pages) apiGet(ctx context.Context, in *forumInput) (*forumOutput, error) {
	out := &forumOutput{}
	return out, fs.DB.View(ctx, func(tx *db.Tx) error {
		f, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		all, err := fs.bodies(ctx, tx, []forum.Forum{f})
		if err != nil {
			return err
		}
		out.Body = all[0]
		return nil
	})
}

func (fs *Pages) motionBody(ctx context.Context, tx *db.Tx, m forum.Motion) (DecisionBody, error) {
	b := DecisionBody{
		ID: m.ID, Forum: m.Forum, Number: m.Number, Meeting: m.Meeting, Title: m.Title, Text: m.Text, State: m.State, Way: m.Way, Poll: m.Poll, Decided: m.Decided.Maybe(),
		URL: fs.Base() + m.Ref().Path(), Positions: []DecisionPosition{},
	}
	if m.About.Kind != "" {
		b.About = m.About.Kind + ":" + m.About.ID
	}
	stands, err := forum.PositionsOf(ctx, tx, m.ID)
	for _, key := range sortedTerms(stands) {
		b.Positions = append(b.Positions, DecisionPosition{key, stands[key].Stand, stands[key].Reason})
	}
	return b, err
}

func (fs *Pages) apiDecisions(ctx context.Context, in *decisionListInput) (*decisionListOutput, error) {
	out := &decisionListOutput{}
	out.Body.Decisions = []DecisionBody{}
	return out, fs.DB.View(ctx, func(tx *db.Tx) error {
		f, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		ms, err := forum.DecisionsOf(ctx, tx, f.ID, 2000)
		if err != nil {
			return err
		}
		if ms, out.Body.Next, err = listing.Cut(ms, func(m forum.Motion) string { return m.ID }, in.Cursor, in.Limit); err != nil {
			return err
		}
		for _, m := range ms {
			b, err := fs.motionBody(ctx, tx, m)
			if err != nil {
				return err
			}
			out.Body.Decisions = append(out.Body.Decisions, b)
		}
		return err
	})
}

func (fs *Pages) apiDecision(ctx context.Context, in *forumInput) (*decisionOutput, error) {
	out := &decisionOutput{}
	return out, fs.DB.View(ctx, func(tx *db.Tx) error {
		ref, _, err := record.Resolve(ctx, tx, "decision", in.ID)
		if err != nil {
			return err
		}
		m, err := forum.Decision(ctx, tx, ref.ID)
		if err != nil {
			return err
		}
		out.Body, err = fs.motionBody(ctx, tx, m)
		return err
	})
}
