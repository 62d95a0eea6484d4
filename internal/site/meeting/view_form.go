package meetingsite

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
)

func formAction(v formView) string {
	if v.M.ID == "" {
		return "/meetings"
	}
	return v.M.Ref().Path() + "/edit"
}

func cancelOf(v formView) string {
	switch {
	case v.M.ID != "":
		return v.M.Ref().Path()
	case v.Body.ID != "":
		return v.Body.Path()
	}
	return "/meetings"
}

func orgOptions(v formView) (out []ui.Option) {
	for _, o := range v.Orgs {
		value := "organisation:" + o.ID
		out = append(out, ui.Option{Value: value, Label: o.Name, Selected: value == v.Of || len(v.Orgs) == 1})
	}
	return out
}

// point shows a place as it is typed: latitude, longitude.
func point(m meeting.Meeting) string {
	if m.Lat == nil || m.Lon == nil {
		return ""
	}
	return fmt.Sprintf("%g, %g", *m.Lat, *m.Lon)
}

func capacity(m meeting.Meeting) string {
	if m.Capacity == 0 {
		return ""
	}
	return strconv.Itoa(m.Capacity)
}

func minutesOf(it meeting.Item) string {
	if it.Minutes == 0 {
		return ""
	}
	return strconv.Itoa(it.Minutes)
}

func submitWord(ctx context.Context, v formView) string {
	if v.M.ID == "" {
		return i18n.T(ctx, "meetings.announce")
	}
	return i18n.T(ctx, "meetings.save")
}

// onList are those whom the attendance lists: the invited, and who else was
// noted.
func onList(v deskView) (out []meeting.Attendance) {
	here := v.here()
	seen := map[string]bool{}
	for _, i := range v.Invited {
		a, ok := here[i.ID]
		if !ok {
			a = meeting.Attendance{Subject: i.ID, Name: i.Name, Sector: i.Sector, District: i.District, Part: "member", Mode: "person"}
		}
		seen[i.ID] = true
		out = append(out, a)
	}
	for _, a := range v.Came {
		if !seen[a.Subject] {
			out = append(out, a)
		}
	}
	if v.Form != "attendance" {
		return out
	}
	for i, a := range out { // as it was typed
		state := v.Typed["state."+a.Subject]
		out[i].Present, out[i].Mode = state != "", "person"
		if strings.Contains(state, "online") {
			out[i].Mode = "online"
		}
	}
	return out
}

// ownerOptions are those invited, as owners of an action.
func ownerOptions(v deskView) (out []ui.Option) {
	for _, i := range v.Invited {
		out = append(out, ui.Option{Value: i.ID, Label: i.Name, Selected: v.of("agree", "invited") == i.ID})
	}
	return out
}

func guestRows(ctx context.Context, v view) (rows [][]ui.Cell) {
	for _, g := range v.Guests {
		name := v.Names[g.Person]
		if name == "" {
			name = i18n.T(ctx, "talk.somebody")
		}
		state := i18n.T(ctx, "meetings.guest."+g.State)
		if g.Place > 0 {
			state = i18n.T(ctx, "meetings.guest.place", "n", g.Place)
		}
		rows = append(rows, []ui.Cell{ui.Text(name), ui.Text(sectorWord(ctx, g.Sector)), ui.Text(districtWord(ctx, g.District)), ui.Text(state)})
	}
	return rows
}

func purposeOf(v formView) string { return cmp.Or(v.M.Purpose, meeting.Purposes[0]) }

func itemKind(it meeting.Item) string { return cmp.Or(it.Kind, meeting.ItemKinds[0]) }

// newest is the version of the minutes that the form was made from: the one it
// shows above, where somebody else's came between.
func newest(v deskView) string {
	if len(v.Minutes) == 0 {
		return "0"
	}
	return strconv.Itoa(v.Minutes[0].N)
}

func sayAction(v deskView, field string) string {
	if field == "correction" {
		return v.M.Ref().Path() + "/correct"
	}
	return v.M.Ref().Path() + "/remark"
}

// settleStates are what the reader may say of an action: who only does it says
// that it is done.
func settleStates(v actionsView) []string {
	if v.MayWrite {
		return []string{"done", "dropped"}
	}
	return []string{"done"}
}

func (v actionsView) wrong(action string) ui.FieldErrors {
	if v.Failed != action {
		return nil
	}
	return v.Errors
}

func (v actionsView) reason(action string) string {
	if v.Failed != action {
		return ""
	}
	return v.Reason
}

// places says how many places for guests are left.
func places(ctx context.Context, v view) string {
	if v.M.Capacity == 0 {
		return i18n.T(ctx, "meetings.open_to_all")
	}
	return i18n.N(ctx, "meetings.capacity", v.M.Capacity)
}

func firstPage(v listView) string {
	if v.Query.Get("cursor") == "" {
		return ""
	}
	return ui.WithQuery("/meetings", v.Query, "cursor", "")
}

func nextPage(v listView) string {
	if v.Next == "" {
		return ""
	}
	return ui.WithQuery("/meetings", v.Query, "cursor", v.Next)
}

func partOf(v deskView) string { return cmp.Or(v.of("attendance", "part"), "observer") }
