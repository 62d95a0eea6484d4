package recordsite

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// TranslationBody is a text of a record in another language.
type TranslationBody struct {
	Lang    string    `json:"lang"`
	Field   string    `json:"field" doc:"Such as title"`
	Text    string    `json:"text"`
	Origin  string    `json:"origin" doc:"human or machine: nobody has read what is a machine's"`
	Changed time.Time `json:"changed"`
	Stamp   string    `json:"stamp" doc:"Names this text: send it back as seen when you change it"`
}

type translationsOutput struct {
	Body struct {
		Lang         string            `json:"lang" doc:"That the record is written in; empty where nobody has said"`
		Translations []TranslationBody `json:"translations"`
	}
}

type translateInput struct {
	api.Once
	RecordInput
	Body TranslationWrite
}

// TranslationWrite is what somebody translated.
type TranslationWrite struct {
	Lang   string            `json:"lang" doc:"That the texts are in"`
	Origin string            `json:"origin,omitempty" enum:"human,machine" default:"human" doc:"A machine's text never replaces a person's"`
	Texts  map[string]string `json:"texts" doc:"By field, such as title; an empty one takes the translation away"`
	Seen   map[string]string `json:"seen,omitempty" doc:"Stamps of the translations you read, by field: if one has changed since, nothing is saved"`
}

func (p *Pages) translateAPI(a *api.API) {
	op := api.Op{Method: http.MethodGet, Path: "/records/{kind}/{id}/translations", Access: web.Public, Tag: "records", Summary: "The translations of a record", Options: []web.Option{web.Shared}}
	api.Add(a, op, p.apiTranslations)
	op.Method, op.Access, op.Summary, op.Options = http.MethodPut, web.Needs("record.translate"), "Translate texts of a record into a language", nil
	api.Add(a, op, p.apiTranslate)
}

func (p *Pages) apiTranslations(ctx context.Context, in *RecordInput) (*translationsOutput, error) {
	out := &translationsOutput{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		if err := p.stands(ctx, tx, in.ref()); err != nil {
			return err
		}
		return p.translations(ctx, tx, in.ref(), out)
	})
}

// translations fills in what there is of a record.
func (p *Pages) translations(ctx context.Context, tx *db.Tx, of record.Ref, out *translationsOutput) error {
	card, err := p.Kinds().One(ctx, tx, who.From(ctx), of)
	if err != nil {
		return err
	}
	all, err := record.AllTranslations(ctx, tx, of.Kind, []string{of.ID})
	out.Body.Lang, out.Body.Translations = card.Lang, []TranslationBody{}
	for _, texts := range all[of.ID] {
		for _, t := range texts {
			out.Body.Translations = append(out.Body.Translations, TranslationBody{t.Lang, t.Field, t.Text, string(t.Origin), t.Changed.Time, t.Stamp()})
		}
	}
	slices.SortFunc(out.Body.Translations, func(a, b TranslationBody) int {
		return cmp.Or(cmp.Compare(a.Lang, b.Lang), cmp.Compare(a.Field, b.Field))
	})
	return err
}

func (p *Pages) apiTranslate(ctx context.Context, in *translateInput) (*translationsOutput, error) {
	out, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (out translationsOutput, err error) {
		if err := p.Kinds().TranslateIn(ctx, tx, who.From(ctx), record.Draft{
			Of: in.ref(), Lang: in.Body.Lang, Origin: record.Origin(in.Body.Origin), Texts: in.Body.Texts, Seen: in.Body.Seen,
		}); err != nil {
			return out, err
		}
		return out, p.translations(ctx, tx, in.ref(), &out)
	})
	return &out, err
}
