package ballot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/face/listing"
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
		out = append(out, ui.Bar{Label: v.Poll.Terms.Label(ctx, o.Option), Value: float64(o.Votes), Text: i18n.Number(ctx, o.Votes), Mark: mark, Figure: ptr(ballots(v.Poll, o.Votes, "option", o.Option))})
	}
	return out
}

func ptr(f ui.Figure) *ui.Figure { return &f }

func resultFacts(ctx context.Context, v pollView) []ui.Pair {
	r := v.Poll.Result
	quorum := "polls.quorum.reached"
	if !r.Quorate {
		quorum = "polls.quorum.missed"
	}
	out := []ui.Pair{
		{Term: i18n.T(ctx, "polls.cast_of"), View: ui.Say(ctx, "polls.cast_of.text", "n", ballots(v.Poll, r.Cast, "is", "cast"), "of", voters(v.Poll, r.Base, "is", "counted")), Note: i18n.T(ctx, quorum)},
		{Term: i18n.T(ctx, "polls.valid"), View: ballots(v.Poll, r.Valid, "is", "valid")},
		{Term: i18n.T(ctx, "polls.blanks"), View: ballots(v.Poll, r.Blank, "is", "blank")},
	}
	if r.Paper > 0 {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "polls.nulls"), View: ballots(v.Poll, r.Null, "is", "null")},
			ui.Pair{Term: i18n.T(ctx, "polls.on_paper"), View: ballots(v.Poll, r.Paper, "is", "paper")})
	}
	if n := v.Stands[ballot.Recused]; n > 0 {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "polls.recused"), View: ui.SayN(ctx, "polls.n_recused", voters(v.Poll, n, "value", string(ballot.Recused)))})
	}
	return out
}

func blocColumns(ctx context.Context, p ballot.Poll) []ui.Column {
	out := []ui.Column{{Label: i18n.T(ctx, "polls.bloc"), RowHead: true}, {Label: i18n.T(ctx, "polls.base"), Kind: ui.Numeric}, {Label: i18n.T(ctx, "polls.cast_n"), Kind: ui.Numeric}}
	for _, o := range p.Terms.Options {
		out = append(out, ui.Column{Label: p.Terms.Label(ctx, o.ID), Kind: ui.Numeric})
	}
	return out
}

func blocRows(ctx context.Context, p ballot.Poll) (rows [][]ui.Cell) {
	for _, b := range p.Result.Blocs(p.Terms) {
		name := ui.Text(blocWord(ctx, b.Bloc))
		if p.Terms.Majority == ballot.Double && slices.Contains(p.Terms.Blocs, b.Bloc) {
			name.Note = i18n.T(ctx, fmt.Sprintf("polls.bloc_carried.%t", b.Carried))
		}
		base := ui.Total(b.Base, "voters", listing.Of("/poll-voters", "poll", p.ID, "by", "bloc", "value", b.Bloc))
		row := []ui.Cell{name, {View: base}, {View: ballots(p, b.Cast, "is", "cast", "bloc", b.Bloc)}}
		for _, o := range b.PerOption {
			row = append(row, ui.Cell{View: ballots(p, o.Votes, "option", o.Option, "bloc", b.Bloc)})
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

// transferred is a figure of a round: votes as they were passed on, which all
// ballots together decide.
func transferred(p ballot.Poll, n int64) ui.Figure {
	return ui.Derived(int(n/ballot.Unit), listing.Of("/poll-ballots", "poll", p.ID)).As(units(n))
}

func roundRows(ctx context.Context, p ballot.Poll) (rows [][]ui.Cell) {
	for i, o := range p.Terms.Options {
		row := []ui.Cell{ui.Text(o.Label)}
		for _, r := range p.Result.Rounds {
			c := ui.Cell{View: transferred(p, r.Votes[i].Units)}
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
		lost = append(lost, ui.Cell{View: transferred(p, r.Lost)})
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
