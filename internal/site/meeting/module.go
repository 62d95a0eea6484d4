package meetingsite

import (
	"context"
	"embed"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Words are this package's sentences, keys "meetings.…".
//
//go:embed locale/*.json
var Words embed.FS

// Pages shows the meetings of a book.
type Pages struct {
	Book *meeting.Book
	DB   *db.DB
}

// Module declares the pages and the API.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "meetings", Words: Words, Routes: p.routes, API: p.api, Demo: p.demo,
	}
}

func (p *Pages) routes(r *web.Routes) {
	r.Get("/meetings", web.Public, p.list)
	r.Get("/meetings.csv", web.Public, p.meetingsCSV, web.Streams)
	r.Get("/meetings.ics", web.Public, p.calendar)
	r.Get("/meetings/new", web.SignedIn, p.newForm)
	r.Post("/meetings", web.SignedIn, p.create)
	r.Get("/meetings/actions", web.Public, p.actions)
	r.Post("/meetings/action/{id}", web.SignedIn, p.settle)
	r.Get("/meeting/{key}", web.Public, p.show)
	r.Get("/meeting/{key}/edit", web.SignedIn, p.editForm)
	r.Post("/meeting/{key}/edit", web.SignedIn, p.edit)
	r.Post("/meeting/{key}/cancel", web.SignedIn, p.cancel)
	r.Get("/meeting/{key}/agenda", web.SignedIn, p.agendaForm)
	r.Post("/meeting/{key}/agenda", web.SignedIn, p.agenda)
	r.Get("/meeting/{key}/people", web.SignedIn, p.peopleForm)
	r.Post("/meeting/{key}/people", web.SignedIn, p.invite)
	r.Post("/meeting/{key}/uninvite", web.SignedIn, p.uninvite)
	r.Get("/meeting/{key}/attendance", web.SignedIn, p.attendanceForm)
	r.Post("/meeting/{key}/attendance", web.SignedIn, p.attendance)
	r.Post("/meeting/{key}/held", web.SignedIn, p.held)
	r.Get("/meeting/{key}/minutes", web.SignedIn, p.minutesForm)
	r.Post("/meeting/{key}/minutes", web.SignedIn, p.draft)
	r.Post("/meeting/{key}/publish", web.SignedIn, p.publish)
	r.Post("/meeting/{key}/remark", web.SignedIn, p.remark)
	r.Post("/meeting/{key}/correct", web.SignedIn, p.correct)
	r.Get("/meeting/{key}/record", web.SignedIn, p.recordForm)
	r.Post("/meeting/{key}/present", web.SignedIn, p.present)
	r.Post("/meeting/{key}/collect", web.SignedIn, p.collect)
	r.Post("/meeting/{key}/agree", web.SignedIn, p.agree)
	r.Post("/meeting/{key}/register", web.SignedIn, p.register)
	r.Post("/meeting/{key}/unregister", web.SignedIn, p.unregister)
	r.Get("/meeting/{key}/check-in", web.SignedIn, p.checkInForm)
	r.Post("/meeting/{key}/check-in", web.SignedIn, p.checkIn, web.Limit(web.Doors))
	p.attendanceList().Routes(r)
}

// demo announces one meeting, plainly made up, of the demonstration's ministry.
func (p *Pages) demo(ctx context.Context, actor who.Actor) error {
	var orgs []org.Org
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { orgs, _, err = org.List(ctx, tx, org.Filter{Limit: 1}); return err }); err != nil || len(orgs) == 0 {
		return err
	}
	m := meeting.Meeting{
		Title: "Demonstration: open day on road repairs", Purpose: "outreach", Venue: "Demonstration hall", District: "BZ-CY", Guests: true, Capacity: 30,
		Notice: "This meeting is **made up**, to show what a notice looks like.",
	}
	m.Of.Kind, m.Of.ID = org.RecordKind, orgs[0].ID
	m.Starts = db.Time{Time: hourOf(p.DB.Now().AddDate(0, 0, 20), 10)}
	m.Ends = db.Time{Time: m.Starts.Add(90 * minute)}
	m.Langs.V = []string{"en", "es"}
	m.Agenda.V = []meeting.Item{{Title: "What was repaired this year", Minutes: 40, Kind: "information"}, {Title: "What comes next, and your questions", Minutes: 50, Kind: "discussion"}}
	_, err := p.Book.Announce(ctx, actor, m)
	return err
}
