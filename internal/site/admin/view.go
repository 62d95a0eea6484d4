package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/face/ui"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

func label(ctx context.Context, field string) string { return i18n.T(ctx, "admin.field."+field) }

func hint(ctx context.Context, field string) string { return i18n.T(ctx, "admin.hint."+field) }

func needsReason(why string) error {
	var p fault.Fields
	p.Require("why", why)
	p.MaxLen("why", why, 500)
	return p.Err()
}

// standingFacts are the figures of the first page.
func standingFacts(ctx context.Context, v overviewView) []ui.Pair {
	s := v.Standing
	backup := i18n.T(ctx, "admin.no_backup")
	if s.Backed {
		backup = i18n.DateTime(ctx, s.Backup.At.Time) + ", " + i18n.Bytes(ctx, s.Backup.Bytes)
	}
	files := i18n.N(ctx, "admin.files", s.Files, "size", i18n.Bytes(ctx, s.Bytes))
	if s.More {
		files = i18n.T(ctx, "admin.files_more", "files", files)
	}
	return []ui.Pair{
		{Term: i18n.T(ctx, "admin.version"), Text: v.Version},
		{Term: i18n.T(ctx, "admin.database"), Text: i18n.T(ctx, "admin.engine."+s.Engine) + ", " + i18n.Bytes(ctx, s.Database)},
		{Term: i18n.T(ctx, "admin.stored"), Text: files},
		{Term: i18n.T(ctx, "admin.last_backup"), Text: backup, Href: "/admin/backup"},
		{Term: i18n.T(ctx, "admin.place.jobs"), Text: jobsSentence(ctx, s.Jobs), Href: "/admin/jobs"},
	}
}

func countOf(all []job.Count, state job.State) (n int) {
	for _, c := range all {
		if c.State == state {
			n += int(c.Jobs)
		}
	}
	return n
}

func jobsSentence(ctx context.Context, all []job.Count) string {
	parts := []string{
		i18n.N(ctx, "admin.jobs.queued", countOf(all, job.Queued)), i18n.N(ctx, "admin.jobs.running", countOf(all, job.Running)),
		i18n.N(ctx, "admin.jobs.dead", countOf(all, job.Dead)),
	}
	return strings.Join(parts, ", ")
}

func lagRows(ctx context.Context, s Standing) (rows [][]ui.Cell) {
	for _, l := range s.Lags {
		state := ui.StateCell(ui.Done, i18n.T(ctx, "admin.lag.none"))
		switch {
		case l.Tries > 0:
			state = ui.StateCell(ui.Wrong, i18n.N(ctx, "admin.lag.failing", l.Tries))
			state.Note = l.Error
		case l.Behind > 0:
			state = ui.StateCell(ui.Going, i18n.N(ctx, "admin.lag.behind", int(l.Behind)))
		}
		rows = append(rows, []ui.Cell{ui.Text(l.Listener), state})
	}
	return rows
}

var jobTones = map[job.State]ui.Tone{job.Queued: ui.Plain, job.Running: ui.Going, job.Done: ui.Done, job.Dead: ui.Wrong, job.Cancelled: ui.Attention}

func jobTabs(ctx context.Context, v jobsView) (out []ui.Tab) {
	out = []ui.Tab{{Text: i18n.T(ctx, "admin.jobs.all"), Href: "/admin/jobs", Current: v.State == ""}}
	for _, s := range []job.State{job.Dead, job.Running, job.Queued, job.Cancelled, job.Done} {
		out = append(out, ui.Tab{
			Text: i18n.T(ctx, "job.state."+string(s)), Href: "/admin/jobs?state=" + string(s),
			Count: i18n.Number(ctx, countOf(v.Counts, s)), Current: v.State == s,
		})
	}
	return out
}

func jobName(ctx context.Context, kind string) string {
	if i18n.Has(ctx, kind) {
		return i18n.T(ctx, kind)
	}
	return kind
}

func jobRows(ctx context.Context, jobs []job.Job) (rows [][]ui.Cell) {
	for _, j := range jobs {
		name := ui.Cell{Text: jobName(ctx, j.Kind), Note: j.ID}
		state := ui.StateCell(jobTones[j.State], i18n.T(ctx, "job.state."+string(j.State)))
		if j.Words.Key != "" {
			state.Note = i18n.T(ctx, j.Words.Key, j.Words.Args...)
		}
		why := ui.Cell{}
		if j.Why.Key != "" {
			why = ui.Cell{Text: i18n.T(ctx, j.Why.Key, j.Why.Args...), Note: j.Error}
		}
		act := ui.Cell{}
		switch {
		case j.State == job.Dead || j.State == job.Cancelled:
			act.View = button("/admin/jobs/"+j.ID+"/retry", i18n.T(ctx, "admin.retry"))
		case !j.State.Over():
			act.View = button("/admin/jobs/"+j.ID+"/cancel", i18n.T(ctx, "admin.cancel_job"))
		}
		rows = append(rows, []ui.Cell{name, state, ui.Text(strconv.Itoa(j.Tries)), ui.Text(i18n.DateTime(ctx, j.Created.Time)), why, act})
	}
	return rows
}

func plannedRows(ctx context.Context, all []job.Planned) (rows [][]ui.Cell) {
	for _, p := range all {
		last := i18n.T(ctx, "admin.never")
		if !p.Last.IsZero() {
			last = i18n.DateTime(ctx, p.Last.Time)
		}
		rows = append(rows, []ui.Cell{ui.Text(jobName(ctx, p.Name)), ui.Text(p.Every), ui.Text(last), ui.Text(i18n.DateTime(ctx, p.Next.Time))})
	}
	return rows
}

func button(action, text string) templ.Component { return actionButton(action, text, nil) }

func roleWord(ctx context.Context, r who.Role) string { return i18n.T(ctx, "account.role."+string(r)) }

func roleOptions(ctx context.Context, now string) (out []ui.Option) {
	for _, r := range who.Roles {
		if r != who.Resident {
			out = append(out, ui.Option{Value: string(r), Label: roleWord(ctx, r), Selected: string(r) == now})
		}
	}
	return out
}

func orgOptions(ctx context.Context, all []org.Org, now ...string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.NameIn(i18n.LangOf(ctx)), Selected: slices.Contains(now, o.ID)})
	}
	return out
}

// othersThan leaves out an organisation.
func othersThan(all []org.Org, id string) []org.Org {
	return slices.DeleteFunc(slices.Clone(all), func(o org.Org) bool { return o.ID == id })
}

var personTones = map[who.State]ui.Tone{who.Active: ui.Done, who.Suspended: ui.Wrong}

func personState(ctx context.Context, s who.State) string {
	return i18n.T(ctx, "admin.person."+string(s))
}

func stateOptions(ctx context.Context, now who.State) (out []ui.Option) {
	for _, s := range []who.State{who.Active, who.Suspended} {
		out = append(out, ui.Option{Value: string(s), Label: personState(ctx, s), Selected: s == now})
	}
	return out
}

func peopleRows(ctx context.Context, people []who.Person) (rows [][]ui.Cell) {
	for _, p := range people {
		rows = append(rows, []ui.Cell{
			ui.LinkCell(p.Name, "/admin/people/"+p.ID), ui.Text(p.Email),
			ui.StateCell(personTones[p.State], personState(ctx, p.State)), ui.Text(i18n.Date(ctx, p.Created.Time)),
		})
	}
	return rows
}

func grantRows(ctx context.Context, v personView) (rows [][]ui.Cell) {
	for _, g := range v.Grants {
		where := i18n.T(ctx, "admin.whole_site")
		if g.Org != "" {
			where = v.Orgs[g.Org]
		}
		act := ui.Cell{}
		if v.MayGrant {
			act.View = actionButton("/admin/people/"+v.Person.ID+"/revoke", i18n.T(ctx, "admin.revoke"),
				[]ui.Hidden{{Name: "role", Value: string(g.Role)}, {Name: "org", Value: g.Org}})
		}
		rows = append(rows, []ui.Cell{ui.Text(roleWord(ctx, g.Role)), ui.Text(where), act})
	}
	return rows
}

func personFacts(ctx context.Context, p who.Person) []ui.Pair {
	proved := i18n.T(ctx, "admin.not_proved")
	if p.Proved {
		proved = i18n.T(ctx, "admin.proved")
	}
	return []ui.Pair{
		{Term: label(ctx, "email"), Text: p.Email, Note: proved},
		{Term: i18n.T(ctx, "admin.since"), Text: i18n.Date(ctx, p.Created.Time)},
		{Term: i18n.T(ctx, "admin.level"), Text: i18n.T(ctx, "account.level."+strconv.Itoa(int(p.Level)))},
		{Term: i18n.T(ctx, "admin.state"), View: ui.Badge{Tone: personTones[p.State], Word: personState(ctx, p.State)}},
	}
}

func inviteRows(ctx context.Context, list []who.Invitation) (rows [][]ui.Cell) {
	for _, i := range list {
		rows = append(rows, []ui.Cell{
			ui.Text(i.Email), ui.Text(roleWord(ctx, i.Role)), ui.Text(i18n.DateTime(ctx, i.Expires.Time)),
			{View: button("/admin/invite/"+i.ID+"/cancel", i18n.T(ctx, "admin.take_back"))},
		})
	}
	return rows
}

func orgRows(ctx context.Context, orgs []org.Org) (rows [][]ui.Cell) {
	for _, o := range orgs {
		state := ui.StateCell(ui.Done, i18n.T(ctx, "org.state.present"))
		if o.ValidTo != "" {
			state = ui.Cell{Text: i18n.T(ctx, "org.state.ended"), State: true, Note: i18n.CivilDate(ctx, o.ValidTo)}
		}
		rows = append(rows, []ui.Cell{ui.LinkCell(o.NameIn(i18n.LangOf(ctx)), "/admin/organisations/"+o.ID), ui.Text(i18n.T(ctx, o.Kind.Word())), state})
	}
	return rows
}

func kindOptions(ctx context.Context, now org.Kind) (out []ui.Option) {
	for _, k := range org.Kinds {
		out = append(out, ui.Option{Value: string(k), Label: i18n.T(ctx, k.Word()), Selected: k == now})
	}
	return out
}

func reasonOptions(ctx context.Context, now org.Reason) (out []ui.Option) {
	for _, r := range org.Reasons {
		out = append(out, ui.Option{Value: string(r), Label: i18n.T(ctx, r.Word()), Selected: r == now})
	}
	return out
}

func districtOptions(now string) (out []ui.Option) {
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: d.Name, Selected: d.Code == now})
	}
	return out
}

func versionRows(ctx context.Context, list []org.Version) (rows [][]ui.Cell) {
	for _, v := range list {
		rows = append(rows, []ui.Cell{ui.Text(i18n.CivilDate(ctx, v.Since)), ui.Text(v.Org.NameIn(i18n.LangOf(ctx))), ui.Text(v.Note)})
	}
	return rows
}

// orgAction is where the form of an organisation is sent.
func orgAction(id string) string {
	if id == "" {
		return "/admin/organisations/new"
	}
	return "/admin/organisations/" + id
}
