package recordsite

import (
	"context"
	"net/http"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// RecordInput names a record.
type RecordInput struct {
	Kind string `path:"kind" doc:"Of record, such as dataset"`
	ID   string `path:"id"`
}

func (in RecordInput) ref() record.Ref { return record.Ref{Kind: in.Kind, ID: in.ID} }

// CommentBody is a contribution to the discussion of a record.
type CommentBody struct {
	ID      string     `json:"id"`
	Parent  string     `json:"parent" doc:"The contribution that it answers; empty for none"`
	Author  string     `json:"author" doc:"Name; empty once erased"`
	Text    string     `json:"text" doc:"Plain text; empty where a moderator took it down"`
	State   string     `json:"state" doc:"visible, hidden or held: held is seen by its author and the moderators only"`
	Reason  string     `json:"reason,omitempty" doc:"Why it is hidden"`
	Created time.Time  `json:"created"`
	Edited  *time.Time `json:"edited,omitempty"`
}

func commentBody(c record.Comment, names map[string]string) CommentBody {
	b := CommentBody{ID: c.ID, Parent: c.Parent, Author: names[c.Author], Text: c.Body, State: string(c.State), Reason: c.Reason, Created: c.Created.Time}
	if !c.Edited.IsZero() {
		b.Edited = &c.Edited.Time
	}
	return b
}

type commentsOutput struct {
	Body struct {
		Comments []CommentBody `json:"comments" doc:"The oldest first"`
	}
}

type sayInput struct {
	api.Once
	RecordInput
	Body CommentWrite
}

// CommentWrite is what somebody says.
type CommentWrite struct {
	Text   string `json:"text" maxLength:"4000"`
	Parent string `json:"parent,omitempty" doc:"The contribution that it answers"`
}

type commentOutput struct{ Body CommentBody }

func (p *Pages) api(a *api.API) {
	op := func(method, path, action, summary string) api.Op {
		return api.Op{Method: method, Path: "/records/{kind}/{id}" + path, Access: web.Needs(action), Tag: "records", Summary: summary}
	}
	list := op(http.MethodGet, "/comments", "", "The discussion of a record")
	list.Access, list.Options = web.Public, []web.Option{web.Shared}
	api.Add(a, list, p.apiComments)
	p.commentList().API(a)
	say := op(http.MethodPost, "/comments", "record.comment", "Take part in the discussion of a record")
	say.Status = http.StatusCreated
	api.Add(a, say, p.apiSay)
	api.Add(a, op(http.MethodPut, "/follow", "record.follow", "Follow a record: its changes come to the account's inbox"), p.apiFollow)
	p.translateAPI(a)
	api.Add(a, op(http.MethodDelete, "/follow", "record.follow", "Follow a record no longer"), p.apiUnfollow)
}

func (p *Pages) apiComments(ctx context.Context, in *RecordInput) (*commentsOutput, error) {
	out := &commentsOutput{}
	out.Body.Comments = []CommentBody{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		if err := p.stands(ctx, tx, in.ref()); err != nil {
			return err
		}
		all, err := record.Comments(ctx, tx, who.From(ctx), in.ref())
		if err != nil {
			return err
		}
		var people []string
		for _, c := range all {
			people = append(people, c.Author)
		}
		names, err := who.NamesOf(ctx, tx, people)
		for _, c := range all {
			out.Body.Comments = append(out.Body.Comments, commentBody(c, names))
		}
		return err
	})
}

// stands refuses a record that the reader cannot see or that is withdrawn.
func (p *Pages) stands(ctx context.Context, tx *db.Tx, of record.Ref) error {
	card, err := p.Kinds().One(ctx, tx, who.From(ctx), of)
	if err == nil && card.Gone {
		err = fault.New(fault.Gone, "record.gone")
	}
	return err
}

func (p *Pages) apiSay(ctx context.Context, in *sayInput) (*commentOutput, error) {
	b, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (CommentBody, error) {
		c, err := p.Kinds().SayIn(ctx, tx, who.From(ctx), in.ref(), in.Body.Parent, in.Body.Text)
		if err != nil {
			return CommentBody{}, err
		}
		names, err := who.NamesOf(ctx, tx, []string{c.Author})
		return commentBody(c, names), err
	})
	return &commentOutput{b}, err
}

func (p *Pages) apiFollow(ctx context.Context, in *RecordInput) (*struct{}, error) {
	return &struct{}{}, p.Kinds().Follow(ctx, p.DB, who.From(ctx), in.ref())
}

func (p *Pages) apiUnfollow(ctx context.Context, in *RecordInput) (*struct{}, error) {
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		a, err := record.AudienceOf(ctx, tx, who.From(ctx), in.ref())
		if err != nil || a.Mine { // also what is withdrawn by now can be let go of
			return err
		}
		return p.stands(ctx, tx, in.ref())
	}); err != nil {
		return nil, err
	}
	return &struct{}{}, p.Kinds().Unfollow(ctx, p.DB, who.From(ctx), in.ref())
}
