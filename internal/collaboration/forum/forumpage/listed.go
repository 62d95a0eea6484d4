package forumpage

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

// ForumSeatQuery is what seats are filtered by.
type ForumSeatQuery struct {
	Forum  string `query:"forum" doc:"Id or address of a forum"`
	Sector string `query:"sector"`
	Filled string `query:"filled" enum:"yes,no" doc:"Whether somebody holds it today"`
	Seat   string `query:"seat" doc:"Id"`
	listing.Paged
}

// ForumSeatRow is a seat of a forum, with who holds it today.
type ForumSeatRow struct {
	ForumSeatBody
	Forum     string `json:"forum"`
	ForumName string `json:"forum_name"`
	Vacant    string `json:"vacant_since,omitempty" doc:"Civil date; empty where somebody holds it"`
	FillBy    string `json:"fill_by,omitempty" doc:"Until when an empty seat has to be filled"`
	OrgName   string `json:"org_name"`
}

func (fs *Pages) seatList() listing.List[ForumSeatQuery, ForumSeatRow] {
	return listing.List[ForumSeatQuery, ForumSeatRow]{
		Path: "/forum-seats", Tag: "forums", Summary: "Seats of forums, with who holds each today and since when an empty one is empty", Words: "forum.list.seats.",
		DB: fs.DB, Base: fs.Base, Rows: fs.seatRows, Name: fs.nameOf,
		Columns: []listing.Column[ForumSeatRow]{
			{Name: "name", Head: true, Cell: func(_ context.Context, r ForumSeatRow) ui.Cell {
				return ui.Cell{Text: r.Name, Href: "/forum/" + r.Forum, Note: r.ForumName}
			}},
			{Name: "sector", Cell: func(ctx context.Context, r ForumSeatRow) ui.Cell {
				return ui.Text(joined(sectorWord(ctx, r.Sector), districtWord(ctx, r.District)))
			}},
			{Name: "member", Cell: func(ctx context.Context, r ForumSeatRow) ui.Cell {
				if r.Vacant != "" {
					return ui.StateCell(ui.Attention, i18n.T(ctx, "forum.vacant"))
				}
				return ui.Text(joined(r.Member, r.OrgName))
			}},
			{Name: "since", Kind: ui.Day, Cell: func(ctx context.Context, r ForumSeatRow) ui.Cell {
				if r.Vacant != "" {
					return ui.Text(i18n.CivilDate(ctx, r.Vacant))
				}
				return ui.Text(i18n.CivilDate(ctx, r.From))
			}},
			{Name: "until", Kind: ui.Day, Cell: func(ctx context.Context, r ForumSeatRow) ui.Cell {
				if r.Vacant != "" {
					return ui.Text(i18n.CivilDate(ctx, r.FillBy))
				}
				return ui.Text(i18n.CivilDate(ctx, r.To))
			}},
		},
	}
}

// nameOf says what a list of the forums is filtered by.
func (fs *Pages) nameOf(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	switch filter {
	case "forum":
		f, slug, err := find(ctx, tx, value)
		return ui.Link{Text: f.Name, Href: "/forum/" + slug}, err
	case "sector":
		return ui.Link{Text: sectorWord(ctx, value)}, nil
	case "decision":
		m, err := decisionBy(ctx, tx, value)
		return ui.Link{Text: m.Title, Href: m.Ref().Path()}, err
	}
	return ui.Link{}, nil
}

// amongForums are the forums that a list goes through: one, or all.
func amongForums(ctx context.Context, tx *db.Tx, key string) ([]forum.Forum, error) {
	if key == "" {
		return forum.All(ctx, tx)
	}
	f, _, err := find(ctx, tx, key)
	return []forum.Forum{f}, err
}

func (fs *Pages) seatRows(ctx context.Context, tx *db.Tx, q ForumSeatQuery, cursor string, limit int) ([]ForumSeatRow, string, error) {
	all, err := amongForums(ctx, tx, q.Forum)
	if err != nil {
		return nil, "", err
	}
	var rows []ForumSeatRow
	for _, f := range all { // there are a dozen in a country
		of, err := seatsOf(ctx, tx, f)
		if err != nil {
			return nil, "", err
		}
		for _, r := range of {
			if (q.Sector == "" || q.Sector == r.Sector) && (q.Filled == "" || (q.Filled == "yes") == (r.Vacant == "")) && (q.Seat == "" || q.Seat == r.ID) {
				rows = append(rows, r)
			}
		}
	}
	return listing.Cut(rows, func(r ForumSeatRow) string { return r.ID }, cursor, limit)
}

// seatsOf are the seats of a forum as they stand today.
func seatsOf(ctx context.Context, tx *db.Tx, f forum.Forum) (out []ForumSeatRow, err error) {
	seats, err := forum.SeatsOf(ctx, tx, f.ID)
	if err != nil {
		return nil, err
	}
	terms, err := forum.TermsOf(ctx, tx, f.ID)
	if err != nil {
		return nil, err
	}
	members, err := forum.MembersOn(ctx, tx, f.ID, today(tx))
	if err != nil {
		return nil, err
	}
	held, orgs, empty := map[string]forum.Term{}, []string{}, map[string]forum.Vacancy{}
	for _, m := range members {
		held[m.Seat.ID], orgs = m.Term, append(orgs, m.Term.Org)
	}
	for _, v := range forum.Vacancies(seats, terms, today(tx)) {
		empty[v.Seat.ID] = v
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	for _, s := range seats {
		t, v := held[s.ID], empty[s.ID]
		out = append(out, ForumSeatRow{
			ForumSeatBody: ForumSeatBody{s.ID, s.Name, s.Sector, s.District, s.Chair, t.Org, t.Name, t.Alternate, t.Starts, lastOf(t), t.Filled, t.Poll},
			Forum:         f.ID, ForumName: f.Name, Vacant: v.Since, FillBy: later(v.Since, forum.FillDays), OrgName: names[t.Org],
		})
	}
	return out, err
}

// later is some days after a civil day; none for none.
func later(day string, days int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, days).Format(time.DateOnly)
}

// ForumDecisionQuery is what decisions are filtered by.
type ForumDecisionQuery struct {
	Forum string `query:"forum" doc:"Id or address of a forum"`
	State string `query:"state" enum:"proposed,voting,adopted,rejected"`
	listing.Paged
}

// ForumDecisionRow is what was put to a forum.
type ForumDecisionRow struct {
	ID      string     `json:"id"`
	Forum   string     `json:"forum"`
	Number  int        `json:"number"`
	Title   string     `json:"title"`
	State   string     `json:"state"`
	Way     string     `json:"way" doc:"consensus or vote, once it is decided"`
	Meeting string     `json:"meeting"`
	Poll    string     `json:"poll"`
	About   string     `json:"about" doc:"Record that it decides about, as KIND:ID"`
	Decided *time.Time `json:"decided"`
	URL     string     `json:"url"`
}

func (fs *Pages) decisionList() listing.List[ForumDecisionQuery, ForumDecisionRow] {
	return listing.List[ForumDecisionQuery, ForumDecisionRow]{
		Path: "/forum-decisions", Tag: "forums", Summary: "Decisions of forums, those of one forum from the newest", Words: "forum.list.decisions.", DB: fs.DB, Base: fs.Base, Shared: true, Name: fs.nameOf,
		Rows: func(ctx context.Context, tx *db.Tx, q ForumDecisionQuery, cursor string, limit int) ([]ForumDecisionRow, string, error) {
			all, err := amongForums(ctx, tx, q.Forum)
			if err != nil {
				return nil, "", err
			}
			var rows []ForumDecisionRow
			for _, f := range all {
				ms, err := forum.DecisionsOf(ctx, tx, f.ID, 2000)
				if err != nil {
					return nil, "", err
				}
				for _, m := range ms {
					if q.State == "" || q.State == m.State {
						about := strings.TrimPrefix(m.About.Kind+":"+m.About.ID, ":")
						rows = append(rows, ForumDecisionRow{m.ID, m.Forum, m.Number, m.Title, m.State, m.Way, m.Meeting, m.Poll, about, m.Decided.Maybe(), fs.Base() + m.Ref().Path()})
					}
				}
			}
			return listing.Cut(rows, func(r ForumDecisionRow) string { return r.ID }, cursor, limit)
		},
		Columns: []listing.Column[ForumDecisionRow]{
			{Name: "title", Head: true, Cell: func(ctx context.Context, r ForumDecisionRow) ui.Cell {
				return ui.Cell{Text: r.Title, Href: "/decision/" + r.ID, Note: i18n.T(ctx, "forum.number", "n", r.Number)}
			}},
			{Name: "state", Cell: func(ctx context.Context, r ForumDecisionRow) ui.Cell {
				return ui.StateCell(ui.Tone(forum.MotionTones[r.State]), i18n.T(ctx, "forum.decision."+r.State))
			}},
			{Name: "decided", Kind: ui.Day, Cell: func(ctx context.Context, r ForumDecisionRow) ui.Cell {
				if r.Decided == nil {
					return ui.Text("")
				}
				return ui.Text(i18n.Date(ctx, *r.Decided))
			}},
		},
	}
}

// ForumPositionQuery is what positions are filtered by.
type ForumPositionQuery struct {
	Decision string `query:"decision" doc:"Id or address of a decision; needed"`
	Counted  string `query:"counted" enum:"present,base" doc:"base: members who are not recused; present: those of them who are there"`
	listing.Paged
}

// ForumPositionRow is where a member stands on what is put to the forum.
type ForumPositionRow struct {
	Decision string `json:"decision"`
	Term     string `json:"term"`
	Member   string `json:"member"`
	Org      string `json:"org"`
	OrgName  string `json:"org_name"`
	Sector   string `json:"sector"`
	Present  bool   `json:"present" doc:"At the meeting that decides"`
	Position string `json:"position" doc:"agree, aside, object, recused or empty"`
	Reason   string `json:"reason"`
}

// decisionBy finds a decision by an id or an address.
func decisionBy(ctx context.Context, tx *db.Tx, key string) (forum.Motion, error) {
	ref, _, err := record.Resolve(ctx, tx, "decision", key)
	if err != nil {
		return forum.Motion{}, err
	}
	return forum.Decision(ctx, tx, ref.ID)
}

func (fs *Pages) positionList() listing.List[ForumPositionQuery, ForumPositionRow] {
	return listing.List[ForumPositionQuery, ForumPositionRow]{
		Path: "/forum-positions", Tag: "forums", Summary: "Where the members of a forum stand on what is put to it", Words: "forum.list.positions.", DB: fs.DB, Base: fs.Base, Rows: fs.positionRows, Name: fs.nameOf,
		Columns: []listing.Column[ForumPositionRow]{
			{Name: "member", Head: true, Cell: func(_ context.Context, r ForumPositionRow) ui.Cell { return ui.Text(joined(r.Member, r.OrgName)) }},
			{Name: "sector", Cell: func(ctx context.Context, r ForumPositionRow) ui.Cell { return ui.Text(sectorWord(ctx, r.Sector)) }},
			{Name: "present", Cell: func(ctx context.Context, r ForumPositionRow) ui.Cell {
				if r.Present {
					return ui.Text(i18n.T(ctx, "forum.present"))
				}
				return ui.Text(i18n.T(ctx, "forum.absent"))
			}},
			{Name: "position", Cell: func(ctx context.Context, r ForumPositionRow) ui.Cell {
				if r.Position == "" {
					return ui.Text(i18n.T(ctx, "forum.stand.silent"))
				}
				return ui.Cell{Text: i18n.T(ctx, "forum.stand."+r.Position), Note: r.Reason}
			}},
		},
	}
}

func (fs *Pages) positionRows(ctx context.Context, tx *db.Tx, q ForumPositionQuery, cursor string, limit int) ([]ForumPositionRow, string, error) {
	m, err := decisionBy(ctx, tx, q.Decision)
	if err != nil {
		return nil, "", err
	}
	t, err := forum.TableOf(ctx, tx, m)
	if err != nil {
		return nil, "", err
	}
	var orgs []string
	for _, x := range t.Members {
		orgs = append(orgs, x.Term.Org)
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	var rows []ForumPositionRow
	for _, x := range t.Members {
		p := t.Positions[x.Term.ID]
		here, out := t.Here[x.Seat.ID], p.Stand == "recused"
		if q.Counted != "" && (out || q.Counted == "present" && !here) {
			continue
		}
		rows = append(rows, ForumPositionRow{m.ID, x.Term.ID, x.Term.Name, x.Term.Org, names[x.Term.Org], x.Seat.Sector, here, p.Stand, p.Reason})
	}
	if err != nil {
		return nil, "", err
	}
	return listing.Cut(rows, func(r ForumPositionRow) string { return r.Term }, cursor, limit)
}

func (fs *Pages) listRoutes(r *web.Routes) {
	fs.seatList().Routes(r)
	fs.decisionList().Routes(r)
	fs.positionList().Routes(r)
}

func (fs *Pages) listAPI(a *api.API) {
	fs.seatList().API(a)
	fs.decisionList().API(a)
	fs.positionList().API(a)
}
