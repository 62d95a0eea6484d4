package meetingsite

import (
	"context"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// MeetingItemBody is an item of an agenda in the API.
type MeetingItemBody struct {
	Seq     int    `json:"seq,omitempty"`
	Title   string `json:"title"`
	Minutes int    `json:"minutes,omitempty"`
	Text    string `json:"text,omitempty"`
	Kind    string `json:"kind,omitempty" doc:"information, discussion or decision"`
	About   string `json:"about,omitempty" doc:"Record, as KIND:ID"`
}

// MeetingBody is a meeting in the API. Names of guests are not in it.
type MeetingBody struct {
	ID          string            `json:"id"`
	Of          string            `json:"of" doc:"The body that meets, as KIND:ID"`
	Org         string            `json:"org"`
	Title       string            `json:"title"`
	Purpose     string            `json:"purpose"`
	Starts      time.Time         `json:"starts"`
	Ends        time.Time         `json:"ends"`
	Venue       string            `json:"venue"`
	District    string            `json:"district"`
	Lat         *float64          `json:"lat"`
	Lon         *float64          `json:"lon"`
	Link        string            `json:"link,omitempty" doc:"Only where the reader may join"`
	Langs       []string          `json:"langs"`
	Notice      string            `json:"notice" doc:"Markdown"`
	Guests      bool              `json:"guests" doc:"Others may register"`
	Capacity    int               `json:"capacity"`
	Agenda      []MeetingItemBody `json:"agenda"`
	State       string            `json:"state"`
	Reason      string            `json:"reason,omitempty" doc:"Why it is cancelled"`
	Announced   time.Time         `json:"announced" doc:"By the server's clock"`
	AgendaAt    *time.Time        `json:"agenda_at" doc:"When there first was an agenda"`
	NoticeDays  int               `json:"notice_days" doc:"That the body's rule asks for"`
	ShortNotice bool              `json:"short_notice"`
	Quorum      *meeting.Count    `json:"quorum,omitempty"`
	Minutes     string            `json:"minutes,omitempty" doc:"Markdown, once they are published"`
	Published   *time.Time        `json:"minutes_published"`
	Version     int               `json:"version"`
	URL         string            `json:"url"`
}

func instant(t db.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t.Time
}

func about(r record.Ref) string {
	if r.Kind == "" {
		return ""
	}
	return refText(r)
}

// bodies are meetings as the reader may see them.
func (p *Pages) bodies(ctx context.Context, tx *db.Tx, ms []meeting.Meeting) ([]MeetingBody, error) {
	may, err := p.Book.MayJoinOf(ctx, tx, who.From(ctx), ms)
	if err != nil {
		return nil, err
	}
	var minuted []string
	for _, m := range ms {
		if m.State == meeting.Published {
			minuted = append(minuted, m.ID)
		}
	}
	minutes, err := meeting.NewestMinutes(ctx, tx, minuted)
	out := []MeetingBody{}
	for _, m := range ms {
		b := p.body(m)
		b.Minutes = minutes[m.ID]
		if may[m.ID] {
			b.Link = m.Link
		}
		out = append(out, b)
	}
	return out, err
}

// body is what everybody may know of a meeting.
func (p *Pages) body(m meeting.Meeting) MeetingBody {
	b := MeetingBody{
		ID: m.ID, Of: refText(m.Of), Org: m.Org, Title: m.Title, Purpose: m.Purpose, Starts: m.Starts.Time, Ends: m.Ends.Time, Venue: m.Venue,
		District: m.District, Lat: m.Lat, Lon: m.Lon, Langs: m.Langs.V, Notice: m.Notice, Guests: m.Guests, Capacity: m.Capacity, State: string(m.State),
		Reason: m.Reason, Announced: m.Announced.Time, AgendaAt: instant(m.AgendaAt), NoticeDays: m.NoticeDays, ShortNotice: m.ShortNotice(p.DB.Now()),
		Published: instant(m.PublishedAt), Version: m.Version, URL: p.Book.Base() + m.Ref().Path(), Agenda: []MeetingItemBody{},
	}
	for _, it := range m.Agenda.V {
		b.Agenda = append(b.Agenda, MeetingItemBody{it.Seq, it.Title, it.Minutes, it.Text, it.Kind, about(it.About)})
	}
	if m.State.Done() {
		b.Quorum = &m.Count.V
	}
	return b
}

// oneBody is a single meeting.
func (p *Pages) oneBody(ctx context.Context, tx *db.Tx, m meeting.Meeting) (MeetingBody, error) {
	all, err := p.bodies(ctx, tx, []meeting.Meeting{m})
	if err != nil {
		return MeetingBody{}, err
	}
	return all[0], nil
}

type meetingListInput struct {
	Of       string `query:"of" doc:"The body, as KIND:ID"`
	District string `query:"district"`
	Purpose  string `query:"purpose"`
	When     string `query:"when" doc:"past for those that are over; else those to come"`
	Cursor   string `query:"cursor"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type meetingListOutput struct {
	Body struct {
		Meetings []MeetingBody `json:"meetings"`
		Next     string        `json:"next,omitempty" doc:"Cursor of the next page"`
	}
}

type meetingInput struct {
	ID string `path:"id" doc:"Id or slug"`
}

type meetingOutput struct{ Body MeetingBody }

// MeetingWrite is what a client sends to announce a meeting.
type MeetingWrite struct {
	Of       string            `json:"of" doc:"The body that meets, as KIND:ID"`
	Title    string            `json:"title"`
	Lang     string            `json:"lang,omitempty"`
	Purpose  string            `json:"purpose,omitempty"`
	Starts   time.Time         `json:"starts"`
	Ends     time.Time         `json:"ends"`
	Venue    string            `json:"venue,omitempty"`
	District string            `json:"district,omitempty"`
	Link     string            `json:"link,omitempty"`
	LinkOpen bool              `json:"link_open,omitempty"`
	Langs    []string          `json:"langs,omitempty"`
	Notice   string            `json:"notice,omitempty"`
	Guests   bool              `json:"guests,omitempty"`
	Capacity int               `json:"capacity,omitempty"`
	Agenda   []MeetingItemBody `json:"agenda,omitempty"`
}

func (in MeetingWrite) meeting() meeting.Meeting {
	m := meeting.Meeting{
		Of: readRef(in.Of), Title: in.Title, Lang: in.Lang, Purpose: in.Purpose, Starts: db.Time{Time: in.Starts}, Ends: db.Time{Time: in.Ends}, Venue: in.Venue,
		District: in.District, Link: in.Link, LinkOpen: in.LinkOpen, Notice: in.Notice, Guests: in.Guests, Capacity: in.Capacity,
	}
	m.Langs.V = in.Langs
	for _, it := range in.Agenda {
		m.Agenda.V = append(m.Agenda.V, meeting.Item{Title: it.Title, Minutes: it.Minutes, Text: it.Text, Kind: it.Kind, About: readRef(it.About)})
	}
	return m
}

type meetingCreateInput struct {
	api.Once
	Body MeetingWrite
}

// MeetingAttendanceLine is what is noted of one who came.
type MeetingAttendanceLine struct {
	Subject  string `json:"subject,omitempty" doc:"Id of the invitation or of an earlier note; empty for somebody new"`
	Name     string `json:"name,omitempty" doc:"Of somebody new"`
	Sector   string `json:"sector,omitempty"`
	District string `json:"district,omitempty"`
	Part     string `json:"part,omitempty" doc:"member, observer or staff"`
	Mode     string `json:"mode,omitempty" doc:"person or online"`
	Present  bool   `json:"present"`
	Arrived  string `json:"arrived,omitempty" doc:"HH:MM in Belize"`
	Departed string `json:"departed,omitempty"`
	Reason   string `json:"reason,omitempty" doc:"Of a correction"`
}

type meetingAttendanceInput struct {
	api.Once
	ID   string `path:"id"`
	Body struct {
		Attendance []MeetingAttendanceLine `json:"attendance" maxItems:"2000"`
	}
}

func (p *Pages) api(a *api.API) {
	p.attendanceList().API(a)
	api.Add(a, api.Op{Method: "GET", Path: "/meetings", Access: web.Public, Tag: "meetings", Summary: "Meetings to come or over, by body, district and purpose"}, p.apiList)
	api.Add(a, api.Op{Method: "GET", Path: "/meetings/{id}", Access: web.Public, Tag: "meetings", Summary: "One meeting with agenda, quorum and published minutes"}, p.apiGet)
	api.Add(a, api.Op{Method: "POST", Path: "/meetings", Access: web.SignedIn, Tag: "meetings", Summary: "Announce a meeting", Status: 201}, p.apiCreate)
	api.Add(a, api.Op{Method: "POST", Path: "/meetings/{id}/attendance", Access: web.SignedIn, Tag: "meetings", Summary: "Note who came"}, p.apiAttendance)
}

func (p *Pages) apiList(ctx context.Context, in *meetingListInput) (*meetingListOutput, error) {
	out := &meetingListOutput{}
	out.Body.Meetings = []MeetingBody{}
	f := meeting.Filter{Of: readRef(in.Of), District: in.District, Purpose: in.Purpose, Past: in.When == "past", Now: db.Time{Time: p.DB.Now()}}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		ms, next, err := p.someMeetings(ctx, tx, f, in.Cursor, in.Limit)
		out.Body.Meetings, out.Body.Next = append(out.Body.Meetings, ms...), next
		return err
	})
}

// someMeetings are a page of the meetings of a filter.
func (p *Pages) someMeetings(ctx context.Context, tx *db.Tx, f meeting.Filter, cursor string, limit int) (out []MeetingBody, next string, err error) {
	ms, next, err := meeting.List(ctx, tx, f, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	out, err = p.bodies(ctx, tx, ms)
	return out, next, err
}

func (p *Pages) apiGet(ctx context.Context, in *meetingInput) (*meetingOutput, error) {
	out := &meetingOutput{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		m, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = p.oneBody(ctx, tx, m)
		return err
	})
}

func (p *Pages) apiCreate(ctx context.Context, in *meetingCreateInput) (*meetingOutput, error) {
	b, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (MeetingBody, error) {
		m := in.Body.meeting()
		if _, ok := p.Book.Kinds().Kind(m.Of.Kind); !ok {
			// Who may announce none anywhere is not told what is wrong with it.
			if actor := who.From(ctx); !actor.MayAnywhere("meeting.write") {
				return MeetingBody{}, actor.Must("meeting.write", who.Site)
			}
			var f fault.Fields
			f.Add("of", "fault.choice")
			return MeetingBody{}, f.Err()
		}
		m, err := p.Book.AnnounceIn(ctx, tx, who.From(ctx), m)
		if err != nil {
			return MeetingBody{}, err
		}
		return p.oneBody(ctx, tx, m)
	})
	return &meetingOutput{b}, err
}

func (p *Pages) apiAttendance(ctx context.Context, in *meetingAttendanceInput) (*meetingOutput, error) {
	b, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (MeetingBody, error) {
		m, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return MeetingBody{}, err
		}
		var list []meeting.Attendance
		for _, x := range in.Body.Attendance {
			list = append(list, meeting.Attendance{
				Subject: x.Subject, Name: x.Name, Sector: x.Sector, District: x.District, Part: x.Part, Mode: x.Mode, Present: x.Present, Arrived: x.Arrived, Departed: x.Departed, Reason: x.Reason,
			})
		}
		if err := p.Book.RecordIn(ctx, tx, who.From(ctx), m.ID, list); err != nil {
			return MeetingBody{}, err
		}
		return p.oneBody(ctx, tx, m)
	})
	return &meetingOutput{b}, err
}
