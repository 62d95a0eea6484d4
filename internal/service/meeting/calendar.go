package meeting

import (
	"strings"

	ics "github.com/arran4/golang-ical"

	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// Calendar writes meetings as iCalendar (RFC 5545) in the words of p, times in
// UTC. base is the public address. What only those invited see, the link, is
// left out unless the meeting opens it.
func Calendar(p *i18n.Printer, name, base string, meetings []Meeting) string {
	cal := ics.NewCalendarFor("Ceiba")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(name)
	cal.SetXWRTimezone("America/Belize")
	for i := range meetings {
		event(p, cal, base, &meetings[i])
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

func event(p *i18n.Printer, cal *ics.Calendar, base string, m *Meeting) {
	page := base + m.Ref().Path()
	e := cal.AddEvent("meeting-" + m.ID + "@ceiba")
	e.SetDtStampTime(m.Changed.UTC())
	e.SetModifiedAt(m.Changed.UTC())
	e.SetCreatedTime(m.Announced.UTC())
	e.SetStartAt(m.Starts.UTC())
	e.SetEndAt(m.Ends.UTC())
	e.SetSequence(m.Sequence)
	e.SetSummary(m.Title)
	e.SetURL(page)
	e.SetProperty(ics.ComponentPropertyCategories, p.T("meeting.purpose."+m.Purpose))
	e.SetStatus(ics.ObjectStatusConfirmed)
	text := []string{}
	if m.State == Cancelled {
		e.SetStatus(ics.ObjectStatusCancelled)
		text = append(text, p.T("meeting.says.cancelled", "reason", m.Reason))
	}
	where := m.Venue
	if m.District != "" {
		where = strings.TrimPrefix(where+", "+p.T("geo.district."+m.District), ", ")
	}
	if m.Link != "" && m.LinkOpen {
		text = append(text, m.Link)
		if where == "" {
			where = m.Link
		}
	}
	if where != "" {
		e.SetLocation(where)
	}
	if m.Lat != nil && m.Lon != nil {
		e.SetGeo(*m.Lat, *m.Lon)
	}
	for _, it := range m.Agenda.V {
		text = append(text, p.T("meeting.agenda_line", "n", it.Seq, "title", it.Title))
	}
	if n := record.Unmarked(m.Notice); n != "" {
		text = append(text, n)
	}
	e.SetDescription(strings.Join(append(text, page), "\n"))
}
