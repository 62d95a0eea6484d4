package redflag

import (
	"context"
	"slices"
	"time"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// RedFlagQuery is what questions are filtered by.
type RedFlagQuery struct {
	Rule    string `query:"rule" doc:"Code of Open Contracting's guide, such as R018"`
	Process string `query:"process" doc:"Id or ocid of a contracting process"`
	Subject string `query:"subject" doc:"What it is about, as the data name it: an ocid, the id of a buyer"`
	listing.Paged
}

// RedFlagRow is a question that stands, with the figure that it was asked by.
type RedFlagRow struct {
	ID      string             `json:"id"`
	Rule    string             `json:"rule" doc:"Code of Open Contracting's guide"`
	Version int                `json:"rule_version"`
	Asks    string             `json:"asks" doc:"The question, in the language asked for"`
	Kind    string             `json:"subject_kind"`
	Subject string             `json:"subject"`
	Process string             `json:"process" doc:"Id of the contracting process, where it is about one"`
	Value   string             `json:"value"`
	Unit    string             `json:"unit"`
	N       int                `json:"n"`
	P       *float64           `json:"p"`
	Since   string             `json:"since" doc:"Civil date"`
	Proof   []outcome.Evidence `json:"evidence" doc:"Values, and where they stand in the compiled release"`
	Params  string             `json:"params_hash"`
	Input   string             `json:"input_digest"`
	URL     string             `json:"url"`
	flag    Flag
	name    string
}

func (p *Pages) list() listing.List[RedFlagQuery, RedFlagRow] {
	return listing.List[RedFlagQuery, RedFlagRow]{
		Path: "/red-flags", Tag: "contracting", Summary: "Red flags: questions to ask about contracting processes, by rule. They accuse nobody", Words: "redflag.list.",
		DB: p.DB, Base: p.Base, Rows: p.rows, Name: p.nameOf, Above: p.above,
		Columns: []listing.Column[RedFlagRow]{
			{Name: "asks", Head: true, Cell: func(_ context.Context, r RedFlagRow) ui.Cell {
				return ui.Cell{Text: r.Asks, Href: "/red-flag/" + r.ID, Note: r.Rule}
			}},
			{Name: "about", Cell: func(_ context.Context, r RedFlagRow) ui.Cell {
				if r.Process == "" {
					return ui.Text(r.name)
				}
				return ui.LinkCell(r.name, record.Ref{Kind: "contracting", ID: r.Process}.Path())
			}},
			{Name: "value", Kind: ui.Numeric, Cell: func(ctx context.Context, r RedFlagRow) ui.Cell { return ui.Text(valueText(ctx, &r.flag.Finding)) }},
			{Name: "since", Kind: ui.Day, Cell: func(ctx context.Context, r RedFlagRow) ui.Cell { return ui.Text(i18n.CivilDate(ctx, r.Since)) }},
		},
	}
}

func (p *Pages) rows(ctx context.Context, tx *db.Tx, q RedFlagQuery, cursor string, limit int) (out []RedFlagRow, next string, err error) {
	f := Filter{Rule: q.Rule, Subject: q.Subject}
	if q.Process != "" {
		pr, err := procurement.Find(ctx, tx, q.Process)
		if err != nil {
			return nil, "", err
		}
		f.Process = pr.ID
	}
	all, next, err := List(ctx, tx, f, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	names, err := namesOf(ctx, tx, all)
	for _, x := range all {
		out = append(out, p.row(ctx, x, names[x.ID]))
	}
	return out, next, err
}

func (p *Pages) row(ctx context.Context, x Flag, name string) RedFlagRow {
	f := &x.Finding
	return RedFlagRow{
		ID: x.ID, Rule: f.Rule, Version: f.Version, Asks: asks(ctx, f.Rule), Kind: f.Subject.Kind, Subject: f.Subject.ID, Process: x.Process, Value: f.Value, Unit: f.Unit,
		N: f.N, P: f.P, Since: x.Since.In(i18n.Belize).Format(time.DateOnly), Proof: slices.Clip(f.Evidence), Params: f.ParamsHash, Input: f.InputDigest, URL: p.Base() + "/red-flag/" + x.ID, flag: x, name: name,
	}
}

// asks is the question of a rule.
func asks(ctx context.Context, code string) string {
	if r := RuleOf(code); r != nil {
		return i18n.T(ctx, r.Key("asks"))
	}
	return code
}

// namesOf is what each flag is about, in words: the title of a process, else the
// subject as the data have it.
func namesOf(ctx context.Context, tx *db.Tx, all []Flag) (map[string]string, error) {
	var ids []string
	for _, f := range all {
		if f.Process != "" {
			ids = append(ids, f.Process)
		}
	}
	titles, err := procurement.Titles(ctx, tx, ids)
	out := map[string]string{}
	for _, f := range all {
		if out[f.ID] = titles[f.Process]; out[f.ID] == "" {
			out[f.ID] = i18n.T(ctx, flag.SubjectKey(f.Finding.Subject.Kind)) + " " + f.Finding.Subject.ID
		}
	}
	return out, err
}

// nameOf says what a filter is set to.
func (p *Pages) nameOf(ctx context.Context, tx *db.Tx, name, value string) (ui.Link, error) {
	switch name {
	case "rule":
		return ui.Link{Text: value + ": " + asks(ctx, value)}, nil
	case "process":
		pr, err := procurement.Find(ctx, tx, value)
		return ui.Link{Text: pr.Name(), Href: pr.Ref().Path()}, err
	}
	return ui.Link{}, nil
}
