package pages

import (
	"context"
	"net/http"
	"time"

	"ceiba/internal/collaboration/consultation"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// ConsultationBody is a consultation in the API.
type ConsultationBody struct {
	ID           string                   `json:"id"`
	Slug         string                   `json:"slug"`
	URL          string                   `json:"url"`
	OfKind       string                   `json:"of_kind,omitempty" doc:"Kind of the record that the text is a draft of"`
	OfID         string                   `json:"of_id,omitempty"`
	Org          string                   `json:"org" doc:"Id of the organisation that answers"`
	OrgName      string                   `json:"org_name"`
	Title        string                   `json:"title"`
	Introduction string                   `json:"introduction" doc:"Markdown"`
	Lang         string                   `json:"lang"`
	State        string                   `json:"state" doc:"draft, published, closed, answered or withdrawn"`
	Open         bool                     `json:"open" doc:"People may write now"`
	Opens        *time.Time               `json:"opens"`
	Closes       *time.Time               `json:"closes" doc:"People may write before this moment"`
	Published    *time.Time               `json:"published"`
	Annotations  int                      `json:"annotations" doc:"That are owed an answer"`
	Answered     int                      `json:"answered"`
	Version      int                      `json:"version" doc:"Number of the present version of the text"`
	Text         *ConsultationVersionBody `json:"text,omitempty" doc:"The version that was asked for; only where one consultation is read"`
	Versions     []ConsultationVersionRow `json:"versions,omitempty"`
}

// ConsultationVersionRow is a version of a text in a list.
type ConsultationVersionRow struct {
	N         int                  `json:"n"`
	At        time.Time            `json:"at"`
	Reason    string               `json:"reason"`
	Amendment string               `json:"amendment,omitempty" doc:"The amendment that it took up"`
	Changes   consultation.Changes `json:"changes"`
}

// ConsultationVersionBody is a version with its text.
type ConsultationVersionBody struct {
	ConsultationVersionRow
	Paragraphs []paragraph.Paragraph `json:"paragraphs"`
}

func rowOf(v consultation.Version) ConsultationVersionRow {
	return ConsultationVersionRow{N: v.N, At: v.At.Time, Reason: v.Reason, Amendment: v.Amendment, Changes: v.Changes}
}

func moments(t db.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t.Time
}

// AnnotationBody is what somebody wrote about a text, in the API and in the
// downloads.
type AnnotationBody struct {
	ID           string                `json:"id"`
	URL          string                `json:"url"`
	Consultation string                `json:"consultation"`
	Kind         string                `json:"kind" doc:"comment, question or amendment"`
	State        string                `json:"state"`
	MadeOn       int                   `json:"made_on" doc:"Number of the version that it was written about"`
	Paragraph    string                `json:"paragraph" doc:"Number of the paragraph that it was written about"`
	NowIn        string                `json:"now_in" doc:"Number of the paragraph of the present version that has its words; empty where none has"`
	Hold         string                `json:"hold" doc:"exact, moved or orphaned"`
	Quote        string                `json:"quote,omitempty"`
	Prefix       string                `json:"prefix,omitempty"`
	Suffix       string                `json:"suffix,omitempty"`
	Was          string                `json:"was" doc:"The paragraph as it was"`
	Text         string                `json:"text"`
	Replacement  string                `json:"replacement,omitempty"`
	Lang         string                `json:"lang"`
	Author       string                `json:"author" doc:"Name; empty for somebody who was erased"`
	Org          string                `json:"org,omitempty" doc:"Name of the organisation for which they speak"`
	Sector       string                `json:"sector,omitempty"`
	Agreed       int                   `json:"agreed"`
	Replies      int                   `json:"replies"`
	Hidden       string                `json:"hidden,omitempty" doc:"Why a moderator hid it"`
	Created      time.Time             `json:"created"`
	Answer       *AnnotationAnswerBody `json:"answer,omitempty"`
}

// AnnotationAnswerBody is the answer of the organisation.
type AnnotationAnswerBody struct {
	ID        string    `json:"id"`
	Decision  string    `json:"decision"`
	Because   string    `json:"because"`
	Later     string    `json:"later,omitempty" doc:"Civil date"`
	Forwarded string    `json:"forwarded,omitempty" doc:"To whom"`
	At        time.Time `json:"at"`
}

func (d *Pages) annotationBody(n noteView) AnnotationBody {
	b := AnnotationBody{
		ID: n.ID, URL: d.Base() + n.Path(), Consultation: n.Consultation, Kind: string(n.Sort), State: string(n.State), MadeOn: n.MadeOn,
		Paragraph: n.Anchor.Paragraph, NowIn: n.In, Hold: string(n.Hold), Quote: n.Anchor.Quote, Prefix: n.Anchor.Prefix, Suffix: n.Anchor.Suffix,
		Was: n.Anchor.Text, Text: n.Body, Replacement: n.Replacement, Lang: n.Lang, Author: n.Name, Org: n.For, Sector: n.Sector,
		Agreed: n.Agreed, Replies: n.Replies, Hidden: n.Hidden, Created: n.Created.Time,
	}
	if a := n.Answer; a != nil {
		b.Answer = &AnnotationAnswerBody{ID: a.ID, Decision: string(a.Decision), Because: a.Because, Later: a.Later, Forwarded: a.Forwarded, At: a.At.Time}
	}
	return b
}

// bodies describes many consultations with a fixed number of queries.
func (d *Pages) bodies(ctx context.Context, tx *db.Tx, list []consultation.Consultation) ([]ConsultationBody, error) {
	v := listView{}
	if err := v.fill(ctx, tx, list); err != nil {
		return nil, err
	}
	out := []ConsultationBody{}
	for _, c := range list {
		out = append(out, ConsultationBody{
			ID: c.ID, Slug: v.Slugs[c.ID], URL: d.Base() + c.Path(), OfKind: c.Of.Kind, OfID: c.Of.ID, Org: c.Org, OrgName: v.Orgs[c.Org], Title: c.Title,
			Introduction: c.Introduction, Lang: c.Lang, State: string(c.State), Open: c.Open(tx.Now), Opens: moments(c.Opens), Closes: moments(c.Closes),
			Published: moments(c.Published), Annotations: v.Covers[c.ID].All, Answered: v.Covers[c.ID].Answered, Version: c.Text,
		})
	}
	return out, nil
}

type consultationListInput struct {
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type consultationListOutput struct {
	Body struct {
		Consultations []ConsultationBody `json:"consultations"`
		Next          string             `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

type consultationInput struct {
	ID string `path:"id" doc:"Id, or any address it ever had"`
	N  int    `query:"version" minimum:"0" maximum:"1000000" doc:"Number of the version of the text; 0 for the present one"`
}

type consultationOutput struct{ Body ConsultationBody }

func (d *Pages) consultationAPI(a *api.API) {
	const tag = "consultations"
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/consultations", Access: web.Public, Tag: tag, Summary: "List texts before the public, the last changed first"}, d.apiList)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/consultations/{id}", Access: web.Public, Tag: tag, Summary: "Read a text with its paragraphs and versions"}, d.apiGet)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/consultations/{id}/annotations", Access: web.Public, Tag: tag, Summary: "List what people wrote about a text, the oldest first"}, d.apiNotes)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/consultations/{id}/annotations", Access: web.Needs("annotation.write"), Tag: tag, Summary: "Write about a paragraph", Status: http.StatusCreated}, d.apiAnnotate)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/consultations/{id}/responses", Access: web.SignedIn, Tag: tag, Summary: "Answer one annotation or many", Status: http.StatusCreated}, d.apiRespond)
	d.listAPI(a)
}

func (d *Pages) apiList(ctx context.Context, in *consultationListInput) (*consultationListOutput, error) {
	out := &consultationListOutput{}
	return out, d.DB.View(ctx, func(tx *db.Tx) error {
		p, err := consultation.All(ctx, tx, in.Cursor, in.Limit)
		if err != nil {
			return err
		}
		out.Body.Next = p.Next
		out.Body.Consultations, err = d.bodies(ctx, tx, p.Consultations)
		return err
	})
}

// known finds the consultation that an API call names.
func (d *Pages) known(ctx context.Context, tx *db.Tx, key string) (consultation.Consultation, error) {
	ref, _, err := record.Resolve(ctx, tx, consultation.Kind, key)
	if err != nil {
		return consultation.Consultation{}, err
	}
	return d.See(ctx, tx, who.From(ctx), ref.ID)
}

func (d *Pages) apiGet(ctx context.Context, in *consultationInput) (*consultationOutput, error) {
	out := &consultationOutput{}
	return out, d.DB.View(ctx, func(tx *db.Tx) error {
		c, err := d.known(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = d.whole(ctx, tx, c, in.N)
		return err
	})
}

// whole describes a consultation with a version of its text, the present one
// for n = 0.
func (d *Pages) whole(ctx context.Context, tx *db.Tx, c consultation.Consultation, n int) (ConsultationBody, error) {
	all, err := d.bodies(ctx, tx, []consultation.Consultation{c})
	if err != nil {
		return ConsultationBody{}, err
	}
	b := all[0]
	vs, err := consultation.VersionsOf(ctx, tx, c.ID)
	for _, v := range vs {
		b.Versions = append(b.Versions, rowOf(v))
	}
	if err != nil || n == 0 && c.Text == 0 {
		return b, err
	}
	if n == 0 {
		n = c.Text
	}
	v, err := consultation.VersionOf(ctx, tx, c.ID, n)
	b.Text = &ConsultationVersionBody{rowOf(v), v.Paragraphs}
	return b, err
}

type annotationListInput struct {
	ID     string `path:"id"`
	Show   string `query:"show" enum:"all,comment,question,amendment,unanswered,orphans,owed,answered"`
	P      string `query:"paragraph" doc:"Number of a paragraph of the present version"`
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type annotationListOutput struct {
	Body struct {
		Annotations []AnnotationBody `json:"annotations"`
		Next        string           `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

func (d *Pages) apiNotes(ctx context.Context, in *annotationListInput) (*annotationListOutput, error) {
	out := &annotationListOutput{}
	return out, d.DB.View(ctx, func(tx *db.Tx) error {
		c, err := d.known(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		w := which(in.Show)
		w.Paragraph = in.P
		out.Body.Annotations, out.Body.Next, err = d.noteBodies(ctx, tx, c, w, in.Cursor, in.Limit)
		return err
	})
}

func (d *Pages) noteBodies(ctx context.Context, tx *db.Tx, c consultation.Consultation, w consultation.Which, cursor string, limit int) ([]AnnotationBody, string, error) {
	out := []AnnotationBody{}
	n, err := consultation.Annotations(ctx, tx, who.From(ctx), c, w, cursor, limit)
	if err != nil {
		return out, "", err
	}
	notes, err := notesOf(ctx, tx, base{C: c, Now: db.Time{Time: tx.Now}}, n.Annotations, "")
	for _, x := range notes {
		out = append(out, d.annotationBody(x))
	}
	return out, n.Next, err
}

type annotationWriteInput struct {
	api.Once
	ID   string `path:"id"`
	Body AnnotationWrite
}

// AnnotationWrite is what a client sends to write about a paragraph.
type AnnotationWrite struct {
	Paragraph   string `json:"paragraph" doc:"Its number in the present version"`
	Quote       string `json:"quote,omitempty" doc:"The words of it that are meant; none for all"`
	Kind        string `json:"kind" enum:"comment,question,amendment"`
	Text        string `json:"text"`
	Replacement string `json:"replacement,omitempty" doc:"Of an amendment: the paragraph as it should be, Markdown"`
	Lang        string `json:"lang,omitempty" doc:"That text is written in; en where it is left out"`
	SpeaksFor   string `json:"speaks_for,omitempty" doc:"Id of an organisation to which the author belongs"`
	Draft       bool   `json:"draft,omitempty" doc:"Of an amendment: keep it for now"`
}

type annotationOutput struct{ Body AnnotationBody }

func (d *Pages) apiAnnotate(ctx context.Context, in *annotationWriteInput) (*annotationOutput, error) {
	b, err := api.Do(ctx, d.DB, in.Once, in.Body, func(tx *db.Tx) (AnnotationBody, error) {
		c, err := d.known(ctx, tx, in.ID)
		if err != nil {
			return AnnotationBody{}, err
		}
		w := in.Body
		note := consultation.Note{Paragraph: w.Paragraph, Quote: w.Quote, Sort: consultation.Sort(w.Kind), Text: w.Text, Replacement: w.Replacement, Lang: w.Lang, Org: w.SpeaksFor, Draft: w.Draft}
		if note.Lang == "" {
			note.Lang = "en"
		}
		a, err := d.AnnotateIn(ctx, tx, who.From(ctx), c.ID, note)
		if err != nil {
			return AnnotationBody{}, err
		}
		names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{a.Org})
		return d.annotationBody(noteView{Annotation: a, Name: who.From(ctx).Name, For: names[a.Org]}), err
	})
	return &annotationOutput{b}, err
}

type responseWriteInput struct {
	api.Once
	ID   string `path:"id"`
	Body ResponseWrite
}

// ResponseWrite is what a client sends to answer annotations.
type ResponseWrite struct {
	Annotations []string `json:"annotations" maxItems:"500" doc:"Their ids"`
	Decision    string   `json:"decision" enum:"adopted,adopted_in_part,already_doing,not_adopted,outside_mandate,later"`
	Because     string   `json:"because,omitempty" doc:"At least 30 words, save for adopted"`
	Later       string   `json:"later,omitempty" doc:"Civil date, for later"`
	Forwarded   string   `json:"forwarded,omitempty" doc:"To whom, for outside_mandate"`
}

type responseOutput struct {
	Body struct {
		Annotations int `json:"annotations" doc:"That are owed an answer"`
		Answered    int `json:"answered"`
	}
}

func (d *Pages) apiRespond(ctx context.Context, in *responseWriteInput) (*responseOutput, error) {
	cover, err := api.Do(ctx, d.DB, in.Once, in.Body, func(tx *db.Tx) (consultation.Cover, error) {
		c, err := d.known(ctx, tx, in.ID)
		if err != nil {
			return consultation.Cover{}, err
		}
		b := in.Body
		answer := consultation.Answer{Decision: consultation.Decision(b.Decision), Because: b.Because, Later: b.Later, Forwarded: b.Forwarded}
		if err := d.RespondIn(ctx, tx, who.From(ctx), c.ID, answer, b.Annotations); err != nil {
			return consultation.Cover{}, err
		}
		return consultation.CoverOf(ctx, tx, c.ID)
	})
	out := &responseOutput{}
	out.Body.Annotations, out.Body.Answered = cover.All, cover.Answered
	return out, err
}
