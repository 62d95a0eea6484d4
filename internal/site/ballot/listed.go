package ballot

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
)

// PollVoterQuery is what the voters of polls are filtered by.
type PollVoterQuery struct {
	Poll  string `query:"poll" doc:"Id or address of a poll; needed"`
	By    string `query:"by" enum:"bloc,state"`
	Value string `query:"value" doc:"A bloc or a state"`
	Is    string `query:"is" enum:"counted,took_part" doc:"Of those by state. counted: all but the recused; took_part: who voted here or on paper"`
	listing.Paged
}

// PollVoterRow is how many voters a poll has of a bloc, without the recused, or in
// a state. The two are told apart and nobody is named: a row says of no voter
// whether they voted.
type PollVoterRow struct {
	Poll   string `json:"poll"`
	By     string `json:"by" doc:"bloc or state"`
	Value  string `json:"value"`
	Voters int    `json:"voters"`
}

func (s *Pages) voterList() listing.List[PollVoterQuery, PollVoterRow] {
	return listing.List[PollVoterQuery, PollVoterRow]{
		Path: "/poll-voters", Tag: "polls", Summary: "How many may vote in a poll, by bloc, and what became of their right to vote", Words: "polls.list.voters.",
		DB: s.DB, Base: s.Base, Rows: s.voterRows, Name: s.nameOf,
		Columns: []listing.Column[PollVoterRow]{
			{Name: "value", Head: true, Cell: func(ctx context.Context, r PollVoterRow) ui.Cell {
				word := blocWord(ctx, r.Value)
				if r.By == "state" {
					word = i18n.T(ctx, "polls.standing."+r.Value)
				} else if r.Value == "" {
					word = i18n.T(ctx, "polls.list.voters.no_bloc")
				}
				return ui.Cell{Text: word, Note: i18n.T(ctx, "polls.list.voters.is."+r.By)}
			}},
			{Name: "voters", Kind: ui.Numeric, Cell: func(ctx context.Context, r PollVoterRow) ui.Cell { return ui.Text(i18n.Number(ctx, r.Voters)) }},
		},
	}
}

func (s *Pages) nameOf(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	if filter != "poll" {
		return ui.Link{}, nil
	}
	p, err := s.find(ctx, tx, value)
	return ui.Link{Text: p.Title, Href: "/poll/" + p.Slug}, err
}

func (s *Pages) voterRows(ctx context.Context, tx *db.Tx, q PollVoterQuery, cursor string, limit int) ([]PollVoterRow, string, error) {
	p, err := s.find(ctx, tx, q.Poll)
	if err != nil {
		return nil, "", err
	}
	blocs, err := ballot.Blocs(ctx, tx, p.ID)
	if err != nil {
		return nil, "", err
	}
	stands, err := ballot.Standings(ctx, tx, p.ID)
	var rows []PollVoterRow
	if q.By != "state" && q.Is == "" {
		for _, b := range slices.Sorted(maps.Keys(blocs)) {
			rows = append(rows, PollVoterRow{p.ID, "bloc", b, blocs[b]})
		}
	}
	for _, st := range slices.Sorted(maps.Keys(stands)) {
		took := st == ballot.Voted || st == ballot.OnPaper
		if q.By == "bloc" || q.Is == "counted" && st == ballot.Recused || q.Is == "took_part" && !took {
			continue
		}
		rows = append(rows, PollVoterRow{p.ID, "state", string(st), stands[st]})
	}
	if q.Value != "" {
		rows = slices.DeleteFunc(rows, func(r PollVoterRow) bool { return r.Value != q.Value })
	}
	if err != nil {
		return nil, "", err
	}
	return listing.Cut(rows, func(r PollVoterRow) string { return r.By + "." + r.Value }, cursor, limit)
}

// voters is a number of voters, by their state.
func voters(p ballot.Poll, n int, pairs ...string) ui.Figure {
	return ui.Total(n, "voters", listing.Of("/poll-voters", append([]string{"poll", p.ID, "by", "state"}, pairs...)...))
}

// PollBallotQuery is what ballots are filtered by.
type PollBallotQuery struct {
	Poll   string `query:"poll" doc:"Id or address of a poll that is closed; needed"`
	Is     string `query:"is" enum:"cast,valid,blank,null,paper"`
	Option string `query:"option" doc:"Id of a choice; of a ranking the first preferences count"`
	Bloc   string `query:"bloc"`
	listing.Paged
}

// PollBallotRow is a ballot that counts, or the ballots of one sheet of paper that
// say the same.
type PollBallotRow struct {
	Poll    string   `json:"poll"`
	Ballot  string   `json:"ballot" doc:"Its id in the public list; of paper the number of the sheet"`
	Choices []string `json:"choices" doc:"Ids of choices; of a ranking the first is liked best"`
	Bloc    string   `json:"bloc"`
	Paper   bool     `json:"paper"`
	Votes   int      `json:"votes" doc:"How many ballots the row is: 1, or those of the sheet"`
	label   string
}

func (s *Pages) ballotList() listing.List[PollBallotQuery, PollBallotRow] {
	return listing.List[PollBallotQuery, PollBallotRow]{
		Path: "/poll-ballots", Tag: "polls", Summary: "The ballots behind each number of a poll's result, once it is counted", Words: "polls.list.ballots.",
		DB: s.DB, Base: s.Base, Shared: true, Rows: s.ballotRows, Name: s.nameOf,
		Columns: []listing.Column[PollBallotRow]{
			{Name: "ballot", Head: true, Cell: func(ctx context.Context, r PollBallotRow) ui.Cell {
				if r.Paper {
					return ui.Cell{Text: r.Ballot, Note: i18n.T(ctx, "polls.on_paper")}
				}
				return ui.Text(r.Ballot)
			}},
			{Name: "choices", Cell: func(_ context.Context, r PollBallotRow) ui.Cell { return ui.Text(r.label) }},
			{Name: "bloc", Cell: func(ctx context.Context, r PollBallotRow) ui.Cell { return ui.Text(blocWord(ctx, r.Bloc)) }},
			{Name: "votes", Kind: ui.Numeric, Cell: func(ctx context.Context, r PollBallotRow) ui.Cell { return ui.Text(i18n.Number(ctx, r.Votes)) }},
		},
	}
}

func (s *Pages) ballotRows(ctx context.Context, tx *db.Tx, q PollBallotQuery, cursor string, limit int) ([]PollBallotRow, string, error) {
	p, err := s.find(ctx, tx, q.Poll)
	if err != nil {
		return nil, "", err
	}
	l, err := ballot.Published(ctx, tx, p)
	if err != nil {
		return nil, "", err
	}
	var rows []PollBallotRow
	for _, b := range l.Ballots {
		if b.State == "counted" && q.has(p, b.Choices) && (q.Bloc == "" || q.Bloc == b.Bloc) {
			rows = append(rows, PollBallotRow{p.ID, b.ID, append([]string{}, b.Choices...), b.Bloc, false, 1, choice(ctx, p, b.Choices)})
		}
	}
	if p.Result != nil {
		for i, sheet := range p.Result.Sheets {
			if q.Bloc == "" || q.Bloc == sheet.Bloc {
				rows = append(rows, q.ofSheet(ctx, p, sheet, strconv.Itoa(i+1))...)
			}
		}
	}
	return listing.Cut(rows, func(r PollBallotRow) string { return r.Ballot }, cursor, limit)
}

// has reports whether a ballot is among those asked about.
func (q PollBallotQuery) has(p ballot.Poll, choices []string) bool {
	switch q.Is {
	case "valid":
		if len(choices) == 0 {
			return false
		}
	case "blank":
		if len(choices) > 0 {
			return false
		}
	case "null", "paper":
		return false
	}
	if q.Option == "" {
		return true
	}
	if p.Terms.Method == ballot.STV {
		return len(choices) > 0 && choices[0] == q.Option
	}
	return slices.Contains(choices, q.Option)
}

// ofSheet is what a sheet of paper ballots adds.
func (q PollBallotQuery) ofSheet(ctx context.Context, p ballot.Poll, s ballot.Sheet, n string) (out []PollBallotRow) {
	votes := map[string]int{"": s.Counted, "cast": s.Counted, "paper": s.Counted, "valid": s.Valid, "blank": s.Blank, "null": s.Null}[q.Is]
	row := PollBallotRow{Poll: p.ID, Ballot: n, Choices: []string{}, Bloc: s.Bloc, Paper: true, Votes: votes}
	if q.Option != "" {
		row.Choices, row.label, row.Votes = []string{q.Option}, choice(ctx, p, []string{q.Option}), s.Sums[q.Option]
		for _, pile := range s.Rankings {
			if pile.Choices[0] == q.Option {
				row.Votes += pile.N
			}
		}
	}
	if row.Votes > 0 {
		out = append(out, row)
	}
	return out
}

// ballots is a number of ballots of the result.
func ballots(p ballot.Poll, n int, pairs ...string) ui.Figure {
	return ui.Total(n, "votes", listing.Of("/poll-ballots", append([]string{"poll", p.ID}, pairs...)...))
}

// whoMay says how many may vote, of each bloc, and who does not take part.
func whoMay(ctx context.Context, v pollView) ui.Said {
	out := ui.SayN(ctx, "polls.n_voters", voters(v.Poll, v.Poll.Electors))
	for _, b := range sorted(v.Blocs) {
		if b != "" {
			n := ui.Total(v.Blocs[b], "voters", listing.Of("/poll-voters", "poll", v.Poll.ID, "by", "bloc", "value", b))
			out = out.And(ui.Say(ctx, "polls.of_bloc", "bloc", blocWord(ctx, b), "n", n))
		}
	}
	if n := v.Stands[ballot.Recused]; n > 0 {
		out = out.And(ui.SayN(ctx, "polls.n_recused", voters(v.Poll, n, "value", string(ballot.Recused))))
	}
	return out
}

// sentencePlain is the sentence without links.
func sentencePlain(ctx context.Context, v pollView) string {
	return strings.TrimSpace(sentence(ctx, v).Text(ctx))
}
