package answer

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// CallBody is a call in the API.
type CallBody struct {
	ID        string                `json:"id"`
	Slug      string                `json:"slug"`
	Of        string                `json:"of,omitempty" doc:"Path of the record it belongs to"`
	Org       string                `json:"org" doc:"Id of the organisation that answers"`
	Title     string                `json:"title"`
	Question  string                `json:"question" doc:"Markdown"`
	Lang      string                `json:"lang"`
	Kinds     []string              `json:"kinds"`
	Channels  []string              `json:"channels"`
	Results   string                `json:"results" doc:"How people are told what became of it"`
	Opens     *time.Time            `json:"opens"`
	Closes    *time.Time            `json:"closes"`
	Published *time.Time            `json:"published"`
	Phase     string                `json:"phase" enum:"draft,announced,open,closed"`
	Inputs    int                   `json:"inputs"`
	Answered  int                   `json:"answered"`
	States    map[string]int        `json:"states" doc:"Number of inputs by state"`
	Announced []answer.Announcement `json:"announced" doc:"Every version that was announced, the oldest first"`
	URL       string                `json:"url"`
}

// InputBody is an input in the API.
type InputBody struct {
	ID         string        `json:"id"`
	Call       string        `json:"call"`
	Kind       string        `json:"kind"`
	Title      string        `json:"title"`
	Text       string        `json:"text"`
	Lang       string        `json:"lang"`
	District   string        `json:"district,omitempty"`
	Sector     string        `json:"sector,omitempty"`
	Channel    string        `json:"channel"`
	For        string        `json:"for,omitempty" doc:"The group it speaks for"`
	Name       string        `json:"name,omitempty" doc:"A pseudonym"`
	Received   string        `json:"received" doc:"A day in Belize for an anonymous one, else a time"`
	State      string        `json:"state"`
	MergedInto string        `json:"merged_into,omitempty"`
	Answered   *time.Time    `json:"answered,omitempty"`
	Supports   int           `json:"supports"`
	Points     int           `json:"points"`
	Reply      *CallReply    `json:"reply,omitempty"`
	Steps      []answer.Step `json:"steps,omitempty" doc:"Of one input: every state it was in"`
	SHA256     string        `json:"sha256" doc:"Of the title, a line break and the text, as the ledger has it"`
	URL        string        `json:"url"`
}

// CallReply is an answer in the API.
type CallReply struct {
	ID        string    `json:"id"`
	Version   int       `json:"version"`
	Outcome   string    `json:"outcome"`
	Reason    string    `json:"reason" doc:"Markdown"`
	Lang      string    `json:"lang"`
	Evidence  []string  `json:"evidence"`
	Changed   []string  `json:"changed" doc:"Paths of the records that it changed"`
	Org       string    `json:"org"`
	Published time.Time `json:"published"`
}

func (p *Pages) callBody(b answer.Box, slug string, now time.Time) CallBody {
	return CallBody{
		ID: b.ID, Slug: slug, Of: recordPath(b.Of), Org: b.Org, Title: b.Title, Question: b.Question, Lang: b.Lang, Kinds: b.Kinds.V, Channels: b.Channels.V,
		Results: b.Results, Opens: b.Opens.Maybe(), Closes: b.Closes.Maybe(), Published: b.Published.Maybe(), Phase: string(b.Phase(now)),
		States: map[string]int{}, Announced: []answer.Announcement{}, URL: p.Base() + b.Ref().Path(),
	}
}

func (p *Pages) inputBody(in answer.Input) InputBody {
	received := in.Received.UTC().Format(time.RFC3339)
	if in.ByDay() {
		received = day(in.Received)
	}
	return InputBody{
		ID: in.ID, Call: in.Box, Kind: in.Kind, Title: in.Title, Text: in.Text, Lang: in.Lang, District: in.District, Sector: in.Sector, Channel: in.Channel,
		For: in.ForOrg, Name: in.Name, Received: received, State: string(in.State), MergedInto: in.Root, Answered: in.Answered.Maybe(), Supports: in.Supports,
		Points: in.Points, SHA256: in.Digest(), URL: p.Base() + in.Ref().Path(),
	}
}

func replyBody(r answer.Reply) *CallReply {
	out := &CallReply{
		ID: r.ID, Version: r.N, Outcome: string(r.Outcome), Reason: r.Reason, Lang: r.Lang, Evidence: r.Evidence.V, Changed: []string{}, Org: r.Org, Published: r.Published.Time,
	}
	for _, ref := range r.Changed.V {
		out.Changed = append(out.Changed, ref.Path())
	}
	return out
}

func (p *Pages) inputAPI(a *api.API) {
	give := "Give an input. The receipt is told this once: with it the story of the input can be read. Without an account an Idempotency-Key has 16 characters at least, that nobody can guess"
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/calls", Access: web.Public, Tag: "calls", Summary: "List published calls, the newest first"}, p.apiCalls)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/calls/{id}", Access: web.Public, Tag: "calls", Summary: "Read a call and how far its answers are"}, p.apiCall)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/calls/{id}/inputs", Access: web.Public, Tag: "calls", Summary: "List the inputs of a call"}, p.apiInputs)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/calls/{id}/inputs", Access: web.Public, Tag: "calls", Summary: give, Status: http.StatusCreated}, p.apiGive)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/inputs/{id}", Access: web.Public, Tag: "calls", Summary: "Read an input with its answer and its steps"}, p.apiInput)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/calls/{id}/replies", Access: web.SignedIn, Tag: "calls", Summary: "Answer inputs, or all that a theme gathers", Status: http.StatusCreated}, p.apiReply)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/calls/{id}/merge", Access: web.SignedIn, Tag: "calls", Summary: "Merge inputs into another"}, p.apiMerge)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/inputs/{id}/support", Access: web.SignedIn, Tag: "calls", Summary: "Support an input, or stop doing so"}, p.apiSupport)
}

type callsInput struct {
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type callsOutput struct {
	Body struct {
		Calls []CallBody `json:"calls"`
		Next  string     `json:"next,omitempty"`
	}
}

func (p *Pages) apiCalls(ctx context.Context, in *callsInput) (*callsOutput, error) {
	out := &callsOutput{}
	out.Body.Calls = []CallBody{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		list, next, err := p.someCalls(ctx, tx, in.Cursor, in.Limit)
		out.Body.Calls, out.Body.Next = append(out.Body.Calls, list...), next
		return err
	})
}

// someCalls are a page of the published calls, with how far the answers are.
func (p *Pages) someCalls(ctx context.Context, tx *db.Tx, cursor string, limit int) (out []CallBody, next string, err error) {
	list, next, err := answer.Boxes(ctx, tx, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	var ids []string
	for _, b := range list {
		ids = append(ids, b.ID)
	}
	slugs, err := record.Slugs(ctx, tx, answer.CallKind, ids)
	for _, b := range list {
		out = append(out, p.callBody(b, slugs[b.ID], tx.Now))
	}
	return out, next, err
}

type callInput struct {
	ID string `path:"id" doc:"Id, or any address it ever had"`
}

type callOutput struct{ Body CallBody }

func (p *Pages) apiCall(ctx context.Context, in *callInput) (*callOutput, error) {
	out := &callOutput{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		b, slug, err := p.BoxByKey(ctx, tx, who.From(ctx), in.ID)
		if err != nil {
			return err
		}
		out.Body = p.callBody(b, slug, tx.Now)
		s, err := answer.StandingOf(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		out.Body.Inputs, out.Body.Answered = s.All, s.Answered
		for state, n := range s.States {
			out.Body.States[string(state)] = n
		}
		list, err := answer.Announcements(ctx, tx, b.ID)
		if len(list) > 0 {
			out.Body.Announced = list
		}
		return err
	})
}

type inputsInput struct {
	ID       string `path:"id"`
	State    string `query:"state" doc:"A state; open for all without an outcome, answered for all with one"`
	Kind     string `query:"kind"`
	District string `query:"district"`
	Sector   string `query:"sector"`
	Language string `query:"language"`
	Channel  string `query:"channel"`
	Q        string `query:"q" doc:"Words, or their beginnings"`
	Sort     string `query:"sort" enum:"supports,points"`
	Cursor   string `query:"cursor"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type inputsOutput struct {
	Body struct {
		Inputs []InputBody `json:"inputs"`
		Next   string      `json:"next,omitempty"`
	}
}

func (p *Pages) apiInputs(ctx context.Context, in *inputsInput) (*inputsOutput, error) {
	out := &inputsOutput{}
	out.Body.Inputs = []InputBody{}
	f := filterOf(url.Values{
		"state": {in.State}, "kind": {in.Kind}, "district": {in.District}, "sector": {in.Sector}, "language": {in.Language}, "channel": {in.Channel}, "q": {in.Q}, "sort": {in.Sort},
	})
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		b, _, err := p.BoxByKey(ctx, tx, who.From(ctx), in.ID)
		if err != nil {
			return err
		}
		list, next, err := answer.Inputs(ctx, tx, b.ID, f, in.Cursor, in.Limit)
		if err != nil {
			return err
		}
		var replies []string
		for _, x := range list {
			replies = append(replies, x.Reply)
		}
		byID, err := answer.RepliesByID(ctx, tx, replies)
		for _, x := range list {
			body := p.inputBody(x)
			if r, ok := byID[x.Reply]; ok {
				body.Reply = replyBody(r)
			}
			out.Body.Inputs = append(out.Body.Inputs, body)
		}
		out.Body.Next = next
		return err
	})
}

type oneInput struct {
	ID string `path:"id"`
}

type oneInputOutput struct{ Body InputBody }

func (p *Pages) apiInput(ctx context.Context, in *oneInput) (*oneInputOutput, error) {
	out := &oneInputOutput{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		x, _, err := p.Look(ctx, tx, who.From(ctx), in.ID)
		if err != nil {
			return err
		}
		s, err := p.Story(ctx, tx, who.From(ctx), x)
		if err != nil {
			return err
		}
		out.Body = p.inputBody(x)
		out.Body.Steps = s.Steps
		if r := s.Reply(); r != nil {
			out.Body.Reply = replyBody(*r)
		}
		return nil
	})
}

// GivenBody is what a client sends to give an input.
type GivenBody struct {
	Kind       string `json:"kind" enum:"problem,idea,comment"`
	Title      string `json:"title,omitempty"`
	Text       string `json:"text"`
	Lang       string `json:"lang,omitempty"`
	District   string `json:"district,omitempty" doc:"ISO 3166-2, such as BZ-TOL"`
	Community  string `json:"community,omitempty"`
	Sector     string `json:"sector,omitempty"`
	Channel    string `json:"channel,omitempty" doc:"Only with assisted: how it came"`
	For        string `json:"for,omitempty" doc:"The group it speaks for"`
	Naming     string `json:"naming,omitempty" enum:"named,pseudonym,anonymous" doc:"anonymous when absent"`
	Name       string `json:"name,omitempty" doc:"The pseudonym"`
	Assisted   bool   `json:"assisted,omitempty" doc:"Written down for somebody else, by whoever may answer the call"`
	ExternalID string `json:"external_id,omitempty" doc:"Its id where it came from: the same one is taken once for each channel"`
}

func (b GivenBody) input() answer.Input {
	naming := answer.Naming(b.Naming)
	if naming == "" {
		naming = answer.Anonymous
	}
	in := answer.Input{
		Kind: b.Kind, Title: b.Title, Text: b.Text, Lang: b.Lang, District: b.District, Community: b.Community, Sector: b.Sector, Channel: b.Channel,
		ForOrg: b.For, Naming: naming, Name: b.Name,
	}
	if b.Assisted {
		in.External = b.ExternalID
	}
	return in
}

type giveInput struct {
	api.Once
	ID   string `path:"id"`
	Body GivenBody
}

// ReceiptBody is an input that was taken, with its receipt.
type ReceiptBody struct {
	ID      string `json:"id"`
	Receipt string `json:"receipt,omitempty" doc:"Ten characters; absent for one that was handed in before under another key"`
	URL     string `json:"url"`
	State   string `json:"state"`
}

type giveOutput struct{ Body ReceiptBody }

// apiGive takes an input. The receipt comes from the Idempotency-Key and the body,
// so that it can be told again without being kept; and what is kept under the key
// would say when an anonymous input came, so that those have only the receipt.
func (p *Pages) apiGive(ctx context.Context, in *giveInput) (*giveOutput, error) {
	seed := ""
	if k := in.IdempotencyKey; k != "" && len(k) < leastKey && !who.From(ctx).SignedIn() {
		return nil, fault.New(fault.Invalid, "call.weak_key", "min", leastKey)
	}
	if in.IdempotencyKey != "" {
		body, err := json.Marshal(in.Body)
		if err != nil {
			return nil, err
		}
		seed = "api\x00" + who.From(ctx).ID + "\x00" + in.IdempotencyKey + "\x00" + in.ID + "\x00" + string(body)
	}
	once := in.Once
	if in.Body.input().Naming == answer.Anonymous && !in.Body.Assisted {
		once = api.Once{}
	}
	var code string
	kept, err := api.Do(ctx, p.DB, once, in.Body, func(tx *db.Tx) (taken, error) {
		b, _, err := p.BoxByKey(ctx, tx, who.From(ctx), in.ID)
		if err != nil {
			return taken{}, err
		}
		g, err := p.Give(ctx, tx, who.From(ctx), b.ID, answer.Giving{Input: in.Body.input(), Assisted: in.Body.Assisted, Seed: seed})
		code = g.Code
		return taken{g.Input.ID, g.Code == ""}, err
	})
	if err != nil {
		return nil, err
	}
	if code == "" && !kept.Before { // the answer to the same key, told again
		code = p.Receipt(seed)
	}
	out := &giveOutput{ReceiptBody{ID: kept.ID, URL: p.Base() + "/input/" + kept.ID, State: string(answer.Received)}}
	if code != "" {
		out.Body.Receipt = answer.Grouped(code)
	}
	return out, nil
}

// leastKey is how long the Idempotency-Key of somebody without an account is at
// least: whoever can guess it, and reads the input, has its receipt.
const leastKey = 16

// taken is what is kept of an input under an Idempotency-Key: no receipt.
type taken struct {
	ID     string `json:"id"`
	Before bool   `json:"before"` // it was there already: its receipt was told then
}

type replyInput struct {
	api.Once
	ID   string `path:"id" doc:"Of the call"`
	Body struct {
		Inputs   []string `json:"inputs,omitempty" doc:"Ids"`
		Theme    string   `json:"theme,omitempty" doc:"Id of a theme, instead of inputs"`
		Outcome  string   `json:"outcome" enum:"adopted,partly,deferred,not_adopted,out_of_scope,already_done"`
		Reason   string   `json:"reason" doc:"Markdown; thirty words at least, unless adopted"`
		Lang     string   `json:"lang,omitempty"`
		Evidence []string `json:"evidence,omitempty" doc:"Addresses"`
		Changed  string   `json:"changed,omitempty" doc:"Addresses of the records that it changed, with spaces between"`
	}
}

type replyOutput struct{ Body CallReply }

func (p *Pages) apiReply(ctx context.Context, in *replyInput) (*replyOutput, error) {
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (CallReply, error) {
		b, _, err := p.atDesk(ctx, tx, in.ID)
		if err != nil {
			return CallReply{}, err
		}
		r := answer.Reply{Outcome: answer.State(in.Body.Outcome), Reason: in.Body.Reason, Lang: in.Body.Lang}
		r.Evidence.V = in.Body.Evidence
		if r.Changed.V, err = p.refs(ctx, tx, in.Body.Changed); err != nil {
			return CallReply{}, err
		}
		if in.Body.Theme != "" {
			r, _, err = p.AnswerTheme(ctx, tx, who.From(ctx), in.Body.Theme, r)
		} else {
			r, err = p.Answer(ctx, tx, who.From(ctx), b.ID, in.Body.Inputs, r)
		}
		if err != nil {
			return CallReply{}, err
		}
		return *replyBody(r), nil
	})
	return &replyOutput{body}, err
}

type mergeInput struct {
	api.Once
	ID   string `path:"id" doc:"Of the call"`
	Body struct {
		Inputs []string `json:"inputs" doc:"Ids"`
		Into   string   `json:"into" doc:"Id of the input that they follow"`
	}
}

type mergeOutput struct {
	Body struct {
		Merged int `json:"merged"`
	}
}

func (p *Pages) apiMerge(ctx context.Context, in *mergeInput) (*mergeOutput, error) {
	n, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (int, error) {
		b, _, err := p.atDesk(ctx, tx, in.ID)
		if err != nil {
			return 0, err
		}
		return p.Merge(ctx, tx, who.From(ctx), b.ID, in.Body.Inputs, in.Body.Into)
	})
	out := &mergeOutput{}
	out.Body.Merged = n
	return out, err
}

type supportInput struct {
	api.Once
	ID   string `path:"id"`
	Body struct {
		On bool `json:"on" doc:"false takes the support back"`
	}
}

type supportOutput struct {
	Body struct {
		Supports int `json:"supports"`
	}
}

func (p *Pages) apiSupport(ctx context.Context, in *supportInput) (*supportOutput, error) {
	n, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (int, error) {
		x, err := p.Support(ctx, tx, who.From(ctx), in.ID, in.Body.On)
		return x.Supports, err
	})
	out := &supportOutput{}
	out.Body.Supports = n
	return out, err
}
