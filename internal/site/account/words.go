package account

import (
	"context"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

func roleWord(ctx context.Context, r who.Role) string {
	return i18n.T(ctx, "account.role."+string(r))
}

// demoWord names an account of the demonstration: by its role, and by a number
// where several have it.
func demoWord(ctx context.Context, d who.DemoAccount) string {
	if d.Nth < 2 {
		return roleWord(ctx, d.Role)
	}
	return i18n.T(ctx, "account.demo.nth", "role", roleWord(ctx, d.Role), "n", d.Nth)
}

// demoRole is the same for programs: "member", "member2".
func demoRole(d who.DemoAccount) string {
	if d.Nth < 2 {
		return string(d.Role)
	}
	return string(d.Role) + strconv.Itoa(d.Nth)
}

// roleNote says in a line what a role does.
func roleNote(ctx context.Context, r who.Role) string {
	return i18n.T(ctx, "account.does."+string(r))
}

func levelWord(ctx context.Context, l who.Level) string {
	return i18n.T(ctx, "account.level."+strconv.Itoa(int(l)))
}

func invitationFacts(ctx context.Context, v invitationView) []ui.Pair {
	facts := []ui.Pair{{Term: i18n.T(ctx, "account.email"), Text: v.Email}, {Term: i18n.T(ctx, "account.role"), Text: roleWord(ctx, v.Role), Note: roleNote(ctx, v.Role)}}
	if v.Org != "" {
		facts = append(facts, ui.Pair{Term: i18n.T(ctx, "account.invitation.for"), Text: v.Org})
	}
	return append(facts, ui.Pair{Term: i18n.T(ctx, "account.invitation.until"), Text: i18n.DateTime(ctx, v.Expires.Time)})
}

func passkeyRows(ctx context.Context, list []who.Passkey) (rows [][]ui.Cell) {
	for _, k := range list {
		rows = append(rows, []ui.Cell{
			ui.Text(k.Name), ui.Text(i18n.Date(ctx, k.Created.Time)), ui.Text(orNever(ctx, i18n.Date(ctx, k.Used.Time))),
			{View: act("passkey/"+k.ID+"/remove", i18n.T(ctx, "account.remove"), true)},
		})
	}
	return rows
}

func orNever(ctx context.Context, day string) string {
	if day == "" {
		return i18n.T(ctx, "account.never")
	}
	return day
}

func sessionRows(ctx context.Context, list []who.SessionInfo) (rows [][]ui.Cell) {
	for _, s := range list {
		where := ui.Cell{Text: s.Agent}
		if s.Agent == "" {
			where.Text = i18n.T(ctx, "account.session.unknown")
		}
		end := ui.Cell{View: act("sessions/"+s.ID+"/end", i18n.T(ctx, "account.session.end"), true)}
		if s.Current {
			where.Note = i18n.T(ctx, "account.session.this")
			end = ui.Text("")
		}
		rows = append(rows, []ui.Cell{where, ui.Text(i18n.T(ctx, "account.means."+s.Means)), ui.Text(i18n.DateTime(ctx, s.Seen.Time)), end})
	}
	return rows
}

func keyRows(ctx context.Context, list []who.APIKey) (rows [][]ui.Cell) {
	for _, k := range list {
		what := strings.Join(k.Actions, ", ")
		if k.Actions == nil {
			what = i18n.T(ctx, "account.key.everything")
		}
		rows = append(rows, []ui.Cell{
			ui.Text(k.Name), ui.Text(k.ID), ui.Text(what), ui.Text(i18n.Date(ctx, k.Expires.Time)),
			ui.Text(orNever(ctx, i18n.CivilDate(ctx, k.UsedDay))),
			{View: act("keys/"+k.ID+"/revoke", i18n.T(ctx, "account.key.revoke"), true)},
		})
	}
	return rows
}

func lifeOptions(ctx context.Context, days int) (out []ui.Option) {
	for _, d := range lives {
		out = append(out, ui.Option{Value: strconv.Itoa(d), Label: i18n.N(ctx, "account.days", d), Selected: d == days})
	}
	return out
}

func providerName(list []who.Provider, id string) string {
	for _, p := range list {
		if p.ID == id {
			return p.Name
		}
	}
	return id
}

func passwordLink(ctx context.Context, has bool) string {
	if has {
		return i18n.T(ctx, "account.password.change")
	}
	return i18n.T(ctx, "account.password.set")
}

func lines(codes []string) string { return strings.Join(codes, "\n") }

func memberRows(ctx context.Context, v membersView) (rows [][]ui.Cell) {
	for _, h := range v.Holders {
		act := ui.Text("")
		if h.Role == who.Member || h.Role == who.Editor { // the others are given and taken by those who run the site
			act.View = memberAct("remove", v.Org.ID, "person", h.Person, string(h.Role), i18n.T(ctx, "account.remove"))
		}
		rows = append(rows, []ui.Cell{ui.Text(h.Name), ui.Text(roleWord(ctx, h.Role)), ui.Text(i18n.Date(ctx, h.Since.Time)), act})
	}
	return rows
}

func invitedRows(ctx context.Context, v membersView) (rows [][]ui.Cell) {
	for _, i := range v.Invited {
		act := ui.Cell{View: memberAct("cancel", v.Org.ID, "invitation", i.ID, "", i18n.T(ctx, "account.members.cancel"))}
		rows = append(rows, []ui.Cell{ui.Text(i.Email), ui.Text(roleWord(ctx, i.Role)), ui.Text(i18n.Date(ctx, i.Expires.Time)), act})
	}
	return rows
}
