package meetingsite

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// AttendanceQuery is what attendance is filtered by.
type AttendanceQuery struct {
	Meeting string `query:"meeting" doc:"Id or address of a meeting"`
	Of      string `query:"of" doc:"A body, as KIND:ID: all meetings that it held. One of the two is needed"`
	Sector  string `query:"sector"`
	Is      string `query:"is" enum:"invited,base,present,recused,others" doc:"invited: on the list of the meeting; base: members who count for the quorum; present: those of them who came; recused: kept out by an interest; others: who came without a seat"`
	listing.Paged
}

// AttendanceRow is somebody whom a meeting invited, or who came. Who came without
// a seat is not named.
type AttendanceRow struct {
	ID       string    `json:"id"`
	Meeting  string    `json:"meeting"`
	Title    string    `json:"meeting_title"`
	Starts   time.Time `json:"starts"`
	Name     string    `json:"name"`
	Sector   string    `json:"sector"`
	District string    `json:"district"`
	Part     string    `json:"part" doc:"member, observer or staff"`
	Invited  bool      `json:"invited"`
	Counted  bool      `json:"counted" doc:"For the quorum"`
	Recused  bool      `json:"recused"`
	Present  bool      `json:"present"`
	Mode     string    `json:"mode" doc:"person or online"`
	URL      string    `json:"url"`
}

func (p *Pages) attendanceList() listing.List[AttendanceQuery, AttendanceRow] {
	return listing.List[AttendanceQuery, AttendanceRow]{
		Path: "/meeting-attendance", Tag: "meetings", Summary: "Who was invited to meetings, who came, and who counted for the quorum", Words: "meetings.list.attendance.",
		DB: p.DB, Base: p.Book.Base, Rows: p.attendanceRows, Name: p.nameOf,
		Columns: []listing.Column[AttendanceRow]{
			{Name: "name", Head: true, Cell: func(ctx context.Context, r AttendanceRow) ui.Cell {
				if r.Name == "" {
					return ui.Text(i18n.T(ctx, "meeting.part."+r.Part))
				}
				return ui.Text(r.Name)
			}},
			{Name: "meeting", Cell: func(ctx context.Context, r AttendanceRow) ui.Cell {
				return ui.Cell{Text: r.Title, Href: "/meeting/" + r.Meeting, Note: i18n.Date(ctx, r.Starts)}
			}},
			{Name: "sector", Cell: func(ctx context.Context, r AttendanceRow) ui.Cell { return ui.Text(sectorWord(ctx, r.Sector)) }},
			{Name: "here", Cell: func(ctx context.Context, r AttendanceRow) ui.Cell {
				switch {
				case r.Present:
					return ui.StateCell(ui.Done, i18n.T(ctx, "meetings.mode."+r.Mode))
				case r.Recused:
					return ui.StateCell(ui.Attention, i18n.T(ctx, "meetings.list.attendance.is.recused"))
				}
				return ui.Text("")
			}},
		},
	}
}

func (p *Pages) nameOf(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	var ref record.Ref
	switch filter {
	case "sector":
		return ui.Link{Text: sectorWord(ctx, value)}, nil
	case "of":
		ref.Kind, ref.ID, _ = strings.Cut(value, ":")
	case "meeting":
		ref = record.Ref{Kind: "meeting", ID: value}
	default:
		return ui.Link{}, nil
	}
	c, err := p.Book.Kinds().One(ctx, tx, who.From(ctx), ref)
	return ui.Link{Text: c.Title, Href: c.Path()}, err
}

func (p *Pages) attendanceRows(ctx context.Context, tx *db.Tx, q AttendanceQuery, cursor string, limit int) ([]AttendanceRow, string, error) {
	of, err := p.meetingsOf(ctx, tx, q)
	if err != nil {
		return nil, "", err
	}
	var rows []AttendanceRow
	for _, m := range of { // one, or those of one body
		at := db.Time{Time: tx.Now}
		if q.Is != "" && q.Is != "others" && q.Is != "invited" && m.State.Done() {
			at = m.HeldAt // the quorum was counted then; a correction does not change it
		}
		seated, err := p.Book.Seated(ctx, tx, m, at)
		if err != nil {
			return nil, "", err
		}
		for _, s := range seated {
			r := AttendanceRow{
				ID: s.ID, Meeting: m.ID, Title: m.Title, Starts: m.Starts.Time, Name: s.Name, Sector: s.Sector, District: s.District, Part: s.Part,
				Invited: s.Invited, Counted: s.Counted, Recused: s.Recused, Present: s.Present, Mode: s.Mode, URL: p.Book.Base() + m.Ref().Path(),
			}
			if r.is(q.Is) && (q.Sector == "" || q.Sector == r.Sector) {
				rows = append(rows, r)
			}
		}
	}
	return listing.Cut(rows, func(r AttendanceRow) string { return r.Meeting + "." + r.ID }, cursor, limit)
}

func (r AttendanceRow) is(what string) bool {
	switch what {
	case "invited":
		return r.Invited
	case "base":
		return r.Counted
	case "present":
		return r.Counted && r.Present
	case "recused":
		return r.Recused
	case "others":
		return r.Present && r.Part != "member"
	}
	return true
}

// meetingsOf are the meetings that a list goes through: one, or those that a body
// held.
func (p *Pages) meetingsOf(ctx context.Context, tx *db.Tx, q AttendanceQuery) ([]meeting.Meeting, error) {
	if q.Meeting == "" && q.Of != "" {
		kind, id, _ := strings.Cut(q.Of, ":")
		return meeting.HeldBy(ctx, tx, record.Ref{Kind: kind, ID: id}, 1000)
	}
	ref, _, err := record.Resolve(ctx, tx, "meeting", q.Meeting)
	if err != nil {
		return nil, err
	}
	m, err := meeting.Get(ctx, tx, ref.ID)
	return []meeting.Meeting{m}, err
}

// counted is a number of people at the meeting.
func (v view) counted(n int, is, sector string) ui.Figure {
	return ui.Count(n, listing.Of("/meeting-attendance", "meeting", v.M.ID, "is", is, "sector", sector))
}
