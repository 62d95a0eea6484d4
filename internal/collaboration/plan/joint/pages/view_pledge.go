package pages

import (
	"context"

	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

func pledgeFacts(ctx context.Context, v pledgeView) []ui.Pair {
	due := ui.Pair{Term: fieldLabel(ctx, "due"), Text: i18n.CivilDate(ctx, v.One.Due)}
	if v.One.Overdue(v.Today) {
		due.Note = i18n.T(ctx, "joint.overdue_since", "date", i18n.CivilDate(ctx, v.One.Due))
	}
	return []ui.Pair{
		{Term: fieldLabel(ctx, "giver"), Text: v.Names[v.One.Org], Href: "/organisation/" + v.One.Org},
		{Term: fieldLabel(ctx, "worth"), Text: worth(ctx, v.One)},
		due,
		{Term: fieldLabel(ctx, "project"), Text: v.Project.Title, Href: "/joint/" + v.Slug},
	}
}

// wordRows are all words, the newest first.
func wordRows(ctx context.Context, v pledgeView) (out [][]ui.Cell) {
	for i := len(v.Words) - 1; i >= 0; i-- {
		w := v.Words[i]
		key, tone := wordKey(v.One, w)
		by := ui.Cell{Text: v.Names[w.Org], Note: i18n.Date(ctx, w.At.Time)}
		if w.Spoke != "" && w.Spoke != w.Org {
			by.Note += ". " + i18n.T(ctx, "joint.spoke_for", "org", v.Names[w.Spoke], "former", v.Names[w.Org])
		}
		said := ui.Text("") // an empty cell is left out on a small screen
		if w.Text != "" || len(w.Evidence.V) > 0 {
			said.View = inWords(w)
		}
		out = append(out, []ui.Cell{by, ui.StateCell(tone, i18n.T(ctx, "joint.word."+key)), said})
	}
	return out
}

// wordKey is the last part of the key of what a word says, and how it looks: the
// one that gives only claims.
func wordKey(p joint.Pledge, w joint.Word) (string, ui.Tone) {
	own := w.Org == p.Org
	switch {
	case w.Says == joint.SaysKept && own:
		return "said_kept", ui.Attention
	case w.Says == joint.SaysKept:
		return "kept", ui.Done
	case w.Says == joint.SaysNotKept && own:
		return "given_up", ui.Late
	case w.Says == joint.SaysNotKept:
		return "not_kept", ui.Late
	case w.Says == joint.SaysConfirmed:
		return "confirmed", ui.Going
	}
	return string(w.Says), ui.Plain
}

// sayForm is a form by which somebody gives a word about a pledge.
type sayForm struct {
	says     joint.Says
	own      bool
	open     bool // it failed, and stands open
	evidence bool // it asks for what shows it
	danger   bool
	plain    bool // it needs no words
}

func (f sayForm) key() string { return string(asked(f.says, f.own)) }

// sayForms are the words that the reader may give now.
func sayForms(v pledgeView) (out []sayForm) {
	overdue := v.One.Overdue(v.Today)
	offer := func(f sayForm, may bool) {
		if may && v.One.State.Allows(f.says, f.own, overdue) {
			f.open = v.Asked == asked(f.says, f.own)
			out = append(out, f)
		}
	}
	offer(sayForm{says: joint.SaysConfirmed, own: true, plain: true}, v.Own && v.Joined && v.Project.State.Open())
	offer(sayForm{says: joint.SaysKept, own: true, evidence: true}, v.Own)
	offer(sayForm{says: joint.SaysNotKept, own: true}, v.Own)
	offer(sayForm{says: joint.SaysWithdrawn, own: true, danger: true}, v.Own || v.MayChange)
	offer(sayForm{says: joint.SaysKept, evidence: true}, v.Other)
	offer(sayForm{says: joint.SaysNotKept, evidence: true}, v.Other)
	return out
}

// pledgeSentence says in plain words how a pledge stands, and what is awaited.
func pledgeSentence(ctx context.Context, v pledgeView) string {
	return i18n.T(ctx, "joint.pledge_is."+v.One.Word(v.Today), "org", v.Names[v.One.Org], "date", i18n.CivilDate(ctx, v.One.Due))
}
