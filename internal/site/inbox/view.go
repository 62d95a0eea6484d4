package inbox

import (
	"context"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/notify"
)

// field is the name of a subject's field in the form.
func field(x notify.Subject) string { return "about-" + x.Name }

// frequencies are the choices for a subject. What concerns the person goes at
// once or not at all.
func frequencies(ctx context.Context, x notify.Subject, chosen notify.Frequency) (out []ui.Option) {
	for _, f := range notify.Frequencies {
		if x.Direct && f != notify.Now && f != notify.Off {
			continue
		}
		out = append(out, ui.Option{Value: string(f), Label: i18n.T(ctx, f.Words()), Selected: f == chosen})
	}
	return out
}

func itemRows(ctx context.Context, items []notify.Item) (rows [][]ui.Cell) {
	for _, i := range items {
		state, mark := ui.StateCell(ui.Plain, i18n.T(ctx, "inbox.read")), ui.Text("")
		if i.Read.IsZero() {
			state = ui.StateCell(ui.Attention, i18n.T(ctx, "inbox.new"))
			mark = ui.Cell{View: markOne(i)}
		}
		rows = append(rows, []ui.Cell{
			ui.LinkCell(i.Sentence(i18n.From(ctx)), i.Card.Path()), ui.Text(i18n.T(ctx, notify.Subject{Name: i.Subject}.Words())),
			ui.Text(i18n.DateTime(ctx, i.At.Time)), state, mark,
		})
	}
	return rows
}

func itemColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: i18n.T(ctx, "inbox.what"), RowHead: true},
		{Label: i18n.T(ctx, "inbox.why")},
		{Label: i18n.T(ctx, "inbox.when"), Kind: ui.Day},
		{Label: i18n.T(ctx, "inbox.state")},
		{Label: i18n.T(ctx, "inbox.do")},
	}
}

func deviceRows(ctx context.Context, list []notify.Device) (rows [][]ui.Cell) {
	for _, d := range list {
		name := d.Agent
		if name == "" {
			name = i18n.T(ctx, "inbox.browser.unknown")
		}
		rows = append(rows, []ui.Cell{
			ui.Text(name), ui.Text(i18n.Date(ctx, d.Since.Time)),
			{View: act("/account/notifications/browsers/"+d.ID+"/remove", i18n.T(ctx, "inbox.browser.remove"), true)},
		})
	}
	return rows
}

// marks names the devices to the script, which finds its own among them.
func marks(list []notify.Device) string {
	var out []string
	for _, d := range list {
		out = append(out, d.Mark)
	}
	return strings.Join(out, " ")
}

func hookRows(ctx context.Context, list []notify.Hook) (rows [][]ui.Cell) {
	for _, h := range list {
		rows = append(rows, []ui.Cell{ui.LinkCell(h.URL, "/account/webhooks/"+h.ID), ui.Text(kindsOf(ctx, h.Kinds)), hookState(ctx, h), ui.Text(i18n.Date(ctx, h.Created.Time))})
	}
	return rows
}

func hookState(ctx context.Context, h notify.Hook) ui.Cell {
	switch {
	case !h.Active:
		return ui.StateCell(ui.Wrong, i18n.T(ctx, "inbox.hook.off"))
	case h.Failures > 0:
		return ui.StateCell(ui.Attention, i18n.N(ctx, "inbox.hook.failing", h.Failures))
	}
	return ui.StateCell(ui.Done, i18n.T(ctx, "inbox.hook.on"))
}

func kindsOf(ctx context.Context, kinds []string) string {
	if len(kinds) == 0 {
		return i18n.T(ctx, "inbox.hook.all")
	}
	var out []string
	for _, k := range kinds {
		out = append(out, kindWord(ctx, k))
	}
	return strings.Join(out, ", ")
}

// kindWord is the name of a kind of record, or what the API calls it where its
// module has no word for it.
func kindWord(ctx context.Context, kind string) string {
	if key := "kind." + kind; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return kind
}

func kindOptions(ctx context.Context, v hooksView) (out []ui.Option) {
	chosen := map[string]bool{}
	for _, k := range v.In.Kinds {
		chosen[k] = true
	}
	for _, k := range v.Kinds {
		out = append(out, ui.Option{Value: k, Label: kindWord(ctx, k), Selected: chosen[k]})
	}
	return out
}

func ownerOptions(ctx context.Context, v hooksView) (out []ui.Option) {
	if v.Own {
		out = append(out, ui.Option{Value: "", Label: i18n.T(ctx, "inbox.hooks.own"), Selected: v.Org == ""})
	}
	for _, o := range v.Orgs {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: v.Org == o.ID})
	}
	return out
}

func hookFacts(ctx context.Context, v hookView) []ui.Pair {
	of := v.OrgName
	if v.Org == "" {
		of = i18n.T(ctx, "inbox.hooks.own")
	}
	facts := []ui.Pair{
		{Term: i18n.T(ctx, "inbox.hook.of"), Text: of},
		{Term: i18n.T(ctx, "inbox.hook.hears"), Text: kindsOf(ctx, v.Kinds)},
		{Term: i18n.T(ctx, "inbox.state"), View: badge(hookState(ctx, v.Hook))},
		{Term: i18n.T(ctx, "inbox.hook.since"), Text: i18n.Date(ctx, v.Created.Time)},
	}
	if v.Why != "" {
		facts = append(facts, ui.Pair{Term: i18n.T(ctx, "inbox.hook.last_failure"), Text: v.Why})
	}
	return facts
}

func badge(c ui.Cell) ui.Badge { return ui.Badge{Tone: c.Tone, Word: c.Text} }

var deliveryTones = map[string]ui.Tone{"done": ui.Done, "waiting": ui.Going, "failed": ui.Wrong}

func deliveryRows(ctx context.Context, v hookView) (rows [][]ui.Cell) {
	for _, d := range v.Deliveries {
		answer, again := ui.Text(""), ui.Text("")
		if d.Status != 0 {
			answer = ui.Text("HTTP " + strconv.Itoa(d.Status))
		}
		if d.State != "waiting" {
			again = ui.Cell{View: replayForm(v.ID, d.ID)}
		}
		rows = append(rows, []ui.Cell{
			ui.Text(d.Event), ui.Text(i18n.DateTime(ctx, d.At.Time)), ui.StateCell(deliveryTones[d.State], i18n.T(ctx, "inbox.delivery."+d.State)),
			answer, ui.Text(strconv.Itoa(d.Tries)), again,
		})
	}
	return rows
}

// stopWords says what ends, or has ended.
func stopWords(ctx context.Context, v stopView, one, all string) string {
	if v.Subject == "" {
		return i18n.T(ctx, all)
	}
	return i18n.T(ctx, one, "topic", i18n.T(ctx, v.Subject))
}
