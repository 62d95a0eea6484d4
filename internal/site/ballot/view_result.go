package ballot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
)

// units is a figure of a count by STV with its five decimals, the zeros at the
// end left out.
func units(n int64) string {
	s := fmt.Sprintf("%d.%05d", n/ballot.Unit, n%ballot.Unit)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func votesUnit(p ballot.Poll) string {
	if p.Terms.Method == ballot.STV {
		return "polls.first_preferences"
	}
	return "polls.votes"
}

func bars(ctx context.Context, v pollView) (out []ui.Bar) {
	r := v.Poll.Result
	for _, o := range r.PerOption {
		mark := slices.Contains(r.Elected, o.Option) || v.Poll.Terms.Method == ballot.YesNo && o.Option == ballot.Yes && r.Adopted
		out = append(out, ui.Bar{Label: v.Poll.Terms.Label(ctx, o.Option), Value: float64(o.Votes), Text: i18n.Number(ctx, o.Votes), Mark: mark})
	}
	return out
}

func resultFacts(ctx context.Context, v pollView) []ui.Pair {
	r := v.Poll.Result
	quorum := "polls.quorum.reached"
	if !r.Quorate {
		quorum = "polls.quorum.missed"
	}
	out := []ui.Pair{
		{Term: i18n.T(ctx, "polls.cast_of"), Text: i18n.T(ctx, "polls.cast_of.text", "n", r.Cast, "of", r.Base), Note: i18n.T(ctx, quorum)},
		{Term: i18n.T(ctx, "polls.valid"), Text: strconv.Itoa(r.Valid)},
		{Term: i18n.T(ctx, "polls.blanks"), Text: strconv.Itoa(r.Blank)},
	}
	if r.Paper > 0 {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "polls.nulls"), Text: strconv.Itoa(r.Null)},
			ui.Pair{Term: i18n.T(ctx, "polls.on_paper"), Text: strconv.Itoa(r.Paper)})
	}
	if n := v.Stands[ballot.Recused]; n > 0 {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "polls.recused"), Text: i18n.N(ctx, "polls.n_recused", n)})
	}
	return out
}

// showsBlocs reports whether figures by bloc may be shown: in a secret poll only
// where no bloc is so small that its figures say what somebody voted, or where
// the declaration counts blocs by themselves.
func showsBlocs(p ballot.Poll) bool {
	if p.Terms.Secrecy == ballot.Named || p.Terms.Majority == ballot.Double {
		return true
	}
	return !slices.ContainsFunc(p.Result.PerBloc, func(b ballot.BlocResult) bool { return b.Cast > 0 && b.Cast < 5 })
}

func blocColumns(ctx context.Context, p ballot.Poll) []ui.Column {
	out := []ui.Column{{Label: i18n.T(ctx, "polls.bloc"), RowHead: true}, {Label: i18n.T(ctx, "polls.base"), Kind: ui.Numeric}, {Label: i18n.T(ctx, "polls.cast_n"), Kind: ui.Numeric}}
	for _, o := range p.Terms.Options {
		out = append(out, ui.Column{Label: p.Terms.Label(ctx, o.ID), Kind: ui.Numeric})
	}
	return out
}

func blocRows(ctx context.Context, p ballot.Poll) (rows [][]ui.Cell) {
	for _, b := range p.Result.PerBloc {
		name := ui.Text(blocWord(ctx, b.Bloc))
		if p.Terms.Majority == ballot.Double && slices.Contains(p.Terms.Blocs, b.Bloc) {
			name.Note = i18n.T(ctx, fmt.Sprintf("polls.bloc_carried.%t", b.Carried))
		}
		row := []ui.Cell{name, ui.Text(strconv.Itoa(b.Base)), ui.Text(strconv.Itoa(b.Cast))}
		for _, o := range b.PerOption {
			row = append(row, ui.Text(strconv.Itoa(o.Votes)))
		}
		rows = append(rows, row)
	}
	return rows
}

func roundColumns(ctx context.Context, p ballot.Poll) []ui.Column {
	out := []ui.Column{{Label: i18n.T(ctx, "polls.choice"), RowHead: true}}
	for i, r := range p.Result.Rounds {
		out = append(out, ui.Column{Label: strconv.Itoa(i+1) + ". " + i18n.T(ctx, "polls.round."+r.What, "of", p.Terms.Label(ctx, r.Of)), Kind: ui.Numeric})
	}
	return out
}

func roundRows(ctx context.Context, p ballot.Poll) (rows [][]ui.Cell) {
	for i, o := range p.Terms.Options {
		row := []ui.Cell{ui.Text(o.Label)}
		for _, r := range p.Result.Rounds {
			c := ui.Text(units(r.Votes[i].Units))
			if slices.Contains(r.Elected, o.ID) {
				c.Note = i18n.T(ctx, "polls.elected")
			} else if r.Excluded == o.ID {
				c.Note = i18n.T(ctx, "polls.excluded")
			}
			row = append(row, c)
		}
		rows = append(rows, row)
	}
	lost := []ui.Cell{ui.Text(i18n.T(ctx, "polls.lost"))}
	for _, r := range p.Result.Rounds {
		lost = append(lost, ui.Text(units(r.Lost)))
	}
	return append(rows, lost)
}

func tieRows(ctx context.Context, p ballot.Poll) (rows [][]ui.Cell) {
	for _, t := range p.Result.Ties {
		about := i18n.T(ctx, "polls.tie.about."+t.About)
		if t.Round > 0 {
			about = i18n.T(ctx, "polls.tie.round", "round", t.Round) + " " + about
		}
		how := "polls.tie.earlier"
		if t.ByLot {
			how = "polls.tie.by_lot"
		}
		rows = append(rows, []ui.Cell{ui.Text(about), ui.Text(labels(ctx, p, t.Among)), ui.Text(labels(ctx, p, t.Chosen)), ui.Text(i18n.T(ctx, how))})
	}
	return rows
}

func tiesNote(ctx context.Context, p ballot.Poll) string {
	if p.Seed == "" {
		return ""
	}
	return i18n.T(ctx, "polls.again.lot") + " " + p.Seed
}

func voteRows(ctx context.Context, v pollView) (rows [][]ui.Cell) {
	for _, x := range v.Votes {
		name := ui.Text(v.Names[x.Voter])
		switch {
		case name.Text == "":
			name = ui.Text(i18n.T(ctx, "polls.erased"))
		case x.Kind == ballot.Org:
			name = ui.LinkCell(name.Text, "/organisation/"+x.Voter)
		}
		rows = append(rows, []ui.Cell{name, ui.Text(blocWord(ctx, x.Bloc)), ui.Text(choice(ctx, v.Poll, x.Choices))})
	}
	return rows
}

// waitsFor says why a closed poll is not counted yet.
func waitsFor(ctx context.Context, v pollView) string {
	switch {
	case len(v.WaitBags) > 0:
		return i18n.T(ctx, "polls.waits.bags", "bags", strings.Join(v.WaitBags, ", "))
	case v.WaitLot:
		return i18n.T(ctx, "polls.waits."+string(v.Poll.Terms.Tie))
	}
	return i18n.T(ctx, "polls.waits.minute")
}

func objectionNote(ctx context.Context, v pollView) string {
	if v.Poll.State != ballot.Provisional {
		return ""
	}
	return i18n.T(ctx, "polls.objections.until", "date", i18n.DateTime(ctx, v.Poll.ObjectUntil()))
}
