package listed

import (
	"context"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
)

// ReportQuery is what reports are filtered by.
type ReportQuery struct {
	Plan       string `query:"plan" doc:"Id or address of a plan"`
	Commitment string `query:"commitment" doc:"Id or address of a commitment"`
	Milestone  string `query:"milestone" doc:"Id"`
	Voice      string `query:"voice" enum:"government,civil_society,independent"`
	listing.Paged
}

// ReportRow is what one voice said of a milestone at one time.
type ReportRow struct {
	ID         string          `json:"id"`
	Plan       string          `json:"plan"`
	Commitment string          `json:"commitment"`
	Milestone  string          `json:"milestone"`
	Title      string          `json:"title" doc:"Of the milestone"`
	Voice      string          `json:"voice"`
	Org        string          `json:"org" doc:"Id of the organisation for which it was said; empty for an independent reviewer"`
	OrgName    string          `json:"org_name"`
	Status     string          `json:"status"`
	Text       string          `json:"text"`
	Challenges string          `json:"challenges"`
	Reason     string          `json:"reason" doc:"Why it is less than this voice said before"`
	Period     string          `json:"period" doc:"Half-year, such as 2026-H1"`
	Evidence   []plan.Evidence `json:"evidence"`
	At         time.Time       `json:"at"`
}

func (l *Lists) reports() listing.List[ReportQuery, ReportRow] {
	return listing.List[ReportQuery, ReportRow]{
		Path: "/milestone-reports", Tag: "Plans", Summary: "Everything that was said of milestones, by plan and time", Words: "plan.list.reports.",
		DB: l.DB, Base: l.Base, Name: l.name, Rows: l.reportRows,
		Columns: []listing.Column[ReportRow]{
			head("title", func(_ context.Context, r ReportRow) ui.Cell {
				return ui.LinkCell(r.Title, "/commitment/"+r.Commitment)
			}),
			col("voice", func(ctx context.Context, r ReportRow) ui.Cell {
				return ui.Cell{Text: i18n.T(ctx, "plan.voice."+r.Voice), Note: r.OrgName}
			}),
			col("status", func(ctx context.Context, r ReportRow) ui.Cell { return statusCell(ctx, r.Status) }),
			col("text", func(_ context.Context, r ReportRow) ui.Cell { return ui.Text(plan.FirstWords(r.Text)) }),
			col("at", func(ctx context.Context, r ReportRow) ui.Cell { return ui.Text(i18n.Date(ctx, r.At)) }),
		},
	}
}

func (l *Lists) reportRows(ctx context.Context, tx *db.Tx, q ReportQuery, cursor string, limit int) ([]ReportRow, string, error) {
	plans, err := among(ctx, tx, q.Plan, q.Commitment)
	if err != nil {
		return nil, "", err
	}
	one, err := only(ctx, tx, q.Commitment)
	if err != nil {
		return nil, "", err
	}
	return through(plans, cursor, limit, func(r ReportRow) string { return r.ID }, func(pl plan.Plan) ([]ReportRow, error) {
		all, err := plan.Reports(ctx, tx, pl.ID)
		if err != nil {
			return nil, err
		}
		var orgs []string
		for _, p := range all {
			orgs = append(orgs, p.Org)
		}
		names, err := orgNames(ctx, tx, orgs)
		if err != nil {
			return nil, err
		}
		titles, err := milestoneTitles(ctx, tx, pl.ID)
		var out []ReportRow
		for _, p := range all {
			if (one == "" || one == p.Commitment) && (q.Milestone == "" || q.Milestone == p.Milestone) && (q.Voice == "" || q.Voice == string(p.Voice)) {
				out = append(out, ReportRow{
					ID: p.ID, Plan: p.Plan, Commitment: p.Commitment, Milestone: p.Milestone, Title: titles[p.Milestone], Voice: string(p.Voice), Org: p.Org,
					OrgName: names[p.Org], Status: string(p.Status), Text: p.Text, Challenges: p.Challenges, Reason: p.Reason, Period: p.Period,
					Evidence: append([]plan.Evidence{}, p.Evidence.V...), At: p.At.Time,
				})
			}
		}
		return out, err
	})
}

func milestoneTitles(ctx context.Context, tx *db.Tx, of string) (map[string]string, error) {
	ms, err := plan.MilestonesOf(ctx, tx, of)
	out := map[string]string{}
	for _, list := range ms {
		for _, m := range list {
			out[m.ID] = m.Title
		}
	}
	return out, err
}

// PlanQuery is what lists of one plan are filtered by.
type PlanQuery struct {
	Plan string `query:"plan" doc:"Id or address of a plan"`
	listing.Paged
}

// OutreachRow is something done to make a process known.
type OutreachRow struct {
	ID       string    `json:"id"`
	Plan     string    `json:"plan"`
	Day      string    `json:"day"`
	District string    `json:"district" doc:"ISO 3166-2; empty for the whole country"`
	Place    string    `json:"place"`
	Language string    `json:"language"`
	Channel  string    `json:"channel"`
	Audience string    `json:"audience"`
	Reach    int       `json:"reach" doc:"People; 0 is not known"`
	Text     string    `json:"text"`
	Recorded time.Time `json:"recorded" doc:"By the server's clock"`
}

func (l *Lists) outreach() listing.List[PlanQuery, OutreachRow] {
	return listing.List[PlanQuery, OutreachRow]{
		Path: "/outreach", Tag: "Plans", Summary: "What was done to make the making of plans known", Words: "plan.list.outreach.",
		DB: l.DB, Base: l.Base, Name: l.name, Shared: true, Rows: func(ctx context.Context, tx *db.Tx, q PlanQuery, cursor string, limit int) ([]OutreachRow, string, error) {
			plans, err := among(ctx, tx, q.Plan, "")
			if err != nil {
				return nil, "", err
			}
			return through(plans, cursor, limit, func(r OutreachRow) string { return r.ID }, func(pl plan.Plan) (out []OutreachRow, err error) {
				all, err := plan.Outreaches(ctx, tx, pl.ID)
				for _, o := range all {
					out = append(out, OutreachRow{o.ID, o.Plan, o.Day, o.District, o.Place, o.Lang, o.Channel, o.Audience, o.Reach, o.Text, o.Recorded.Time})
				}
				return out, err
			})
		},
		Columns: []listing.Column[OutreachRow]{
			head("text", func(_ context.Context, r OutreachRow) ui.Cell { return ui.Cell{Text: r.Text, Note: r.Audience} }),
			dayCol("day", func(r OutreachRow) string { return r.Day }),
			col("district", func(ctx context.Context, r OutreachRow) ui.Cell {
				if r.District == "" {
					return ui.Cell{Text: i18n.T(ctx, "plan.whole_country"), Note: r.Place}
				}
				return ui.Cell{Text: i18n.T(ctx, "geo.district."+r.District), Note: r.Place}
			}),
			col("channel", func(ctx context.Context, r OutreachRow) ui.Cell {
				return ui.Cell{Text: i18n.T(ctx, "plan.channel."+r.Channel), Note: i18n.NameOf(r.Language)}
			}),
			numeric("reach", func(r OutreachRow) int { return r.Reach }),
		},
	}
}

// DocumentQuery is what documents are filtered by.
type DocumentQuery struct {
	Plan       string `query:"plan" doc:"Id or address of a plan"`
	Phase      string `query:"phase" doc:"What it is about: design, implementation, results …"`
	Step       string `query:"step" doc:"Of making the plan"`
	Commitment string `query:"commitment" doc:"Id of a commitment"`
	Kind       string `query:"kind" enum:"file,link"`
	listing.Paged
}

// DocumentRow is a document in the repository of a plan.
type DocumentRow struct {
	ID         string    `json:"id"`
	Plan       string    `json:"plan"`
	Commitment string    `json:"commitment" doc:"Empty for the plan as a whole"`
	Phase      string    `json:"phase"`
	Title      string    `json:"title"`
	Version    int       `json:"version" doc:"From 1; the newest one"`
	Address    string    `json:"url" doc:"Where it is kept elsewhere; empty for a file in the repository"`
	Type       string    `json:"type" doc:"Media type of a file"`
	Bytes      int64     `json:"bytes" doc:"Of a file"`
	Published  time.Time `json:"published" doc:"By the server's clock"`
}

func (l *Lists) documents() listing.List[DocumentQuery, DocumentRow] {
	return listing.List[DocumentQuery, DocumentRow]{
		Path: "/plan-documents", Tag: "Plans", Summary: "Documents in the repositories of plans", Words: "plan.list.documents.",
		DB: l.DB, Base: l.Base, Name: l.name, Shared: true, Rows: func(ctx context.Context, tx *db.Tx, q DocumentQuery, cursor string, limit int) ([]DocumentRow, string, error) {
			plans, err := among(ctx, tx, q.Plan, "")
			if err != nil {
				return nil, "", err
			}
			return through(plans, cursor, limit, func(r DocumentRow) string { return r.ID }, func(pl plan.Plan) (out []DocumentRow, err error) {
				f := plan.PaperFilter{Phase: require.Phase(q.Phase), Step: q.Step, Commitment: q.Commitment, Kind: q.Kind}
				all, _, err := plan.FindPapers(ctx, tx, pl.ID, f, "", mostDocuments)
				for _, p := range all {
					out = append(out, DocumentRow{p.ID, p.Plan, p.Commitment, string(p.Phase), p.Title, p.N, p.URL, p.MediaType, p.Bytes, p.Published.Time})
				}
				return out, err
			})
		},
		Columns: []listing.Column[DocumentRow]{
			head("title", func(_ context.Context, r DocumentRow) ui.Cell {
				return ui.LinkCell(r.Title, (&plan.Paper{ID: r.ID}).Path())
			}),
			col("phase", func(ctx context.Context, r DocumentRow) ui.Cell {
				return ui.Text(i18n.T(ctx, "plan.phase_of."+r.Phase))
			}),
			col("published", func(ctx context.Context, r DocumentRow) ui.Cell { return ui.Text(i18n.Date(ctx, r.Published)) }),
		},
	}
}

// mostDocuments is how many documents of one plan the list goes through.
const mostDocuments = 10_000
