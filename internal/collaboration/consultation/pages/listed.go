package pages

import (
	"context"
	"strconv"

	"ceiba/internal/collaboration/consultation"
	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// AnnotationQuery is what annotations are filtered by.
type AnnotationQuery struct {
	Consultation string `query:"consultation" doc:"Id or address of a text; needed"`
	Show         string `query:"show" enum:"comment,question,amendment,unanswered,orphans,owed,answered" doc:"owed: all that are owed an answer; answered: those of them that have one"`
	Paragraph    string `query:"paragraph" doc:"Number of a paragraph of the present version"`
	listing.Paged
}

// AnnotationRow is what somebody wrote about a text, with the answer in the same
// row.
type AnnotationRow struct {
	AnnotationBody
	Decision string `json:"decision" doc:"Of the answer; empty while there is none"`
	Because  string `json:"because"`
}

func (d *Pages) annotationList() listing.List[AnnotationQuery, AnnotationRow] {
	return listing.List[AnnotationQuery, AnnotationRow]{
		Path: "/annotations", Tag: "consultations", Summary: "What people wrote about a text, the oldest first", Words: "consultation.list.notes.", DB: d.DB, Base: d.Base, Name: d.nameOf,
		Rows: func(ctx context.Context, tx *db.Tx, q AnnotationQuery, cursor string, limit int) ([]AnnotationRow, string, error) {
			c, err := d.known(ctx, tx, q.Consultation)
			if err != nil {
				return nil, "", err
			}
			w := which(q.Show)
			w.Paragraph = q.Paragraph
			bodies, next, err := d.noteBodies(ctx, tx, c, w, cursor, limit)
			var out []AnnotationRow
			for _, b := range bodies {
				r := AnnotationRow{AnnotationBody: b}
				if a := b.Answer; a != nil {
					r.Decision, r.Because = a.Decision, a.Because
				}
				out = append(out, r)
			}
			return out, next, err
		},
		Columns: []listing.Column[AnnotationRow]{
			{Name: "text", Head: true, Cell: func(ctx context.Context, r AnnotationRow) ui.Cell {
				return ui.Cell{Text: r.Text, Href: "/annotation/" + r.ID, Note: i18n.T(ctx, "consultation.paragraph", "n", r.Paragraph)}
			}},
			{Name: "kind", Cell: func(ctx context.Context, r AnnotationRow) ui.Cell {
				return ui.Text(i18n.T(ctx, "consultation.list.notes.is."+r.Kind))
			}},
			{Name: "author", Cell: func(_ context.Context, r AnnotationRow) ui.Cell { return ui.Cell{Text: r.Author, Note: r.Org} }},
			{Name: "answer", Cell: func(ctx context.Context, r AnnotationRow) ui.Cell {
				if r.Decision == "" {
					return ui.Text("")
				}
				return ui.Text(i18n.T(ctx, "consultation.decision."+r.Decision))
			}},
		},
	}
}

// nameOf says what a list of a text is filtered by.
func (d *Pages) nameOf(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	switch filter {
	case "consultation":
		c, err := d.known(ctx, tx, value)
		return ui.Link{Text: c.Title, Href: c.Path()}, err
	case "annotation":
		return ui.Link{Text: i18n.T(ctx, "kind.annotation"), Href: "/annotation/" + value}, nil
	}
	return ui.Link{}, nil
}

// TextChangeQuery is what the changes of a text are filtered by.
type TextChangeQuery struct {
	Consultation string `query:"consultation" doc:"Id or address of a text; needed"`
	Number       string `query:"number" doc:"Of the version; the present one if empty"`
	Before       string `query:"before" doc:"Number of the version that it is compared with; the one before it if empty"`
	Change       string `query:"change" enum:"same,moved,changed,new,gone"`
	listing.Paged
}

// TextChangeRow is what became of a paragraph from one version to another.
type TextChangeRow struct {
	Consultation string `json:"consultation"`
	Number       int    `json:"number"`
	Before       int    `json:"before"`
	Paragraph    string `json:"paragraph"`
	Change       string `json:"change"`
	Old          string `json:"old"`
	New          string `json:"new"`
}

func (d *Pages) changeList() listing.List[TextChangeQuery, TextChangeRow] {
	return listing.List[TextChangeQuery, TextChangeRow]{
		Path: "/text-changes", Tag: "consultations", Summary: "What became of each paragraph of a text from one version to another", Words: "consultation.list.changes.", DB: d.DB, Base: d.Base, Shared: true,
		Name: d.nameOf, Rows: d.changeRows,
		Columns: []listing.Column[TextChangeRow]{
			{Name: "paragraph", Head: true, Cell: func(ctx context.Context, r TextChangeRow) ui.Cell {
				return ui.Text(i18n.T(ctx, "consultation.paragraph", "n", r.Paragraph))
			}},
			{Name: "change", Cell: func(ctx context.Context, r TextChangeRow) ui.Cell {
				return ui.Text(i18n.T(ctx, fateKey(paragraph.Fate(r.Change))))
			}},
			{Name: "old", Cell: func(_ context.Context, r TextChangeRow) ui.Cell { return ui.Text(r.Old) }},
			{Name: "new", Cell: func(_ context.Context, r TextChangeRow) ui.Cell { return ui.Text(r.New) }},
		},
	}
}

func (d *Pages) changeRows(ctx context.Context, tx *db.Tx, q TextChangeQuery, cursor string, limit int) ([]TextChangeRow, string, error) {
	c, err := d.known(ctx, tx, q.Consultation)
	if err != nil {
		return nil, "", err
	}
	n, before := c.Text, 0
	if q.Number != "" {
		n, _ = strconv.Atoi(q.Number) // none is version 0, which there is not
	}
	if before = n - 1; q.Before != "" {
		before, _ = strconv.Atoi(q.Before)
	}
	now, err := consultation.VersionOf(ctx, tx, c.ID, n)
	if err != nil {
		return nil, "", err
	}
	var old consultation.Version
	if before > 0 {
		if old, err = consultation.VersionOf(ctx, tx, c.ID, before); err != nil {
			return nil, "", err
		}
	}
	var rows []TextChangeRow
	for _, p := range paragraph.Pairs(old.Paragraphs, now.Paragraphs) {
		if q.Change == "" || q.Change == string(p.Fate) {
			rows = append(rows, TextChangeRow{c.ID, n, before, p.ID(), string(p.Fate), textOf(p.Old), textOf(p.Now)})
		}
	}
	return listing.Cut(rows, func(r TextChangeRow) string { return r.Paragraph }, cursor, limit)
}

// AnnotationAgreementQuery says which annotation is asked about.
type AnnotationAgreementQuery struct {
	Annotation string `query:"annotation" doc:"Id; needed"`
	listing.Paged
}

// AnnotationAgreementRow is how many people agreed with an annotation on a day.
// Nobody is named.
type AnnotationAgreementRow struct {
	Annotation string `json:"annotation"`
	Day        string `json:"day"`
	People     int    `json:"people"`
}

func (d *Pages) agreementList() listing.List[AnnotationAgreementQuery, AnnotationAgreementRow] {
	return listing.List[AnnotationAgreementQuery, AnnotationAgreementRow]{
		Path: "/annotation-agreement", Tag: "consultations", Summary: "How many people agree with what somebody wrote, by day", Words: "consultation.list.agreement.", DB: d.DB, Base: d.Base, Name: d.nameOf,
		Rows: func(ctx context.Context, tx *db.Tx, q AnnotationAgreementQuery, cursor string, limit int) ([]AnnotationAgreementRow, string, error) {
			if _, err := d.Kinds().One(ctx, tx, who.From(ctx), record.Ref{Kind: consultation.AnnotationKind, ID: q.Annotation}); err != nil {
				return nil, "", err
			}
			days, err := consultation.AgreementOf(ctx, tx, q.Annotation)
			var rows []AnnotationAgreementRow
			for _, x := range days {
				rows = append(rows, AnnotationAgreementRow{q.Annotation, x.Day, x.People})
			}
			if err != nil {
				return nil, "", err
			}
			return listing.Cut(rows, func(r AnnotationAgreementRow) string { return r.Day }, cursor, limit)
		},
		Columns: []listing.Column[AnnotationAgreementRow]{
			{Name: "day", Head: true, Kind: ui.Day, Cell: func(ctx context.Context, r AnnotationAgreementRow) ui.Cell {
				return ui.Text(i18n.CivilDate(ctx, r.Day))
			}},
			{Name: "people", Kind: ui.Numeric, Cell: func(ctx context.Context, r AnnotationAgreementRow) ui.Cell {
				return ui.Text(i18n.Number(ctx, r.People))
			}},
		},
	}
}

func (d *Pages) listRoutes(r *web.Routes) {
	d.annotationList().Routes(r)
	d.changeList().Routes(r)
	d.agreementList().Routes(r)
}

func (d *Pages) listAPI(a *api.API) {
	d.annotationList().API(a)
	d.changeList().API(a)
	d.agreementList().API(a)
}

// noted is the address of the rows of what people wrote about a text, below base.
func noted(c consultation.Consultation, base, show, paragraph string) string {
	if show == "all" {
		show = ""
	}
	return listing.Of(base, "consultation", c.ID, "show", show, "paragraph", paragraph)
}

// agreed is how many agree with a note.
func agreed(n noteView) ui.Figure {
	return ui.Total(n.Agreed, "people", listing.Of("/annotation-agreement", "annotation", n.ID))
}

// replied is how many replies a note has.
func replied(n noteView) ui.Figure {
	return ui.Count(n.Replies, listing.Of("/comments", "of", consultation.AnnotationKind+":"+n.ID, "without", n.Comment))
}

// fated is how many paragraphs had a fate in a version.
func fated(c consultation.Consultation, version, before int, f paragraph.Fate, n int) ui.Figure {
	return ui.Count(n, listing.Of("/text-changes", "consultation", c.ID, "number", strconv.Itoa(version), "before", strconv.Itoa(before), "change", string(f)))
}
