package settings

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

type pageInput struct {
	Key string `path:"key" doc:"Id or address of the page"`
}

// pageDoc is a page as data.
type pageDoc struct {
	ID        string          `json:"id"`
	Address   string          `json:"address"`
	Sort      Sort            `json:"sort"`
	State     State           `json:"state"`
	Texts     map[string]Text `json:"texts" doc:"By language; bodies are Markdown"`
	Published time.Time       `json:"published,omitzero"`
	Changed   time.Time       `json:"changed,omitzero"`
	Version   int64           `json:"version" doc:"0 for a text that comes with the program"`
}

func (s *Site) doc(ctx context.Context, p Page) pageDoc {
	d := pageDoc{
		ID: p.ID, Address: s.Base() + "/page/" + p.key(), Sort: p.Sort, State: p.State, Texts: map[string]Text{},
		Published: p.Published.Time, Changed: p.Changed.Time, Version: p.Version,
	}
	for lang, t := range p.Texts {
		d.Texts[lang] = s.filled(ctx, p, t)
	}
	return d
}

type pageAnswer struct{ Body pageDoc }

func (s *Site) getPage(ctx context.Context, in *pageInput) (*pageAnswer, error) {
	var p Page
	err := s.DB.View(ctx, func(tx *db.Tx) (err error) { p, _, err = Find(ctx, tx, who.From(ctx), in.Key); return err })
	if err != nil {
		return nil, err
	}
	return &pageAnswer{s.doc(ctx, p)}, nil
}

type newsAnswer struct {
	Body struct {
		Items []pageDoc `json:"items"`
	}
}

func (s *Site) getNews(ctx context.Context, _ *struct{}) (*newsAnswer, error) {
	var ps []Page
	err := s.DB.View(ctx, func(tx *db.Tx) (err error) { ps, err = NewsItems(ctx, tx, 100); return err })
	out := &newsAnswer{}
	out.Body.Items = []pageDoc{}
	for _, p := range ps {
		out.Body.Items = append(out.Body.Items, s.doc(ctx, p))
	}
	return out, err
}
