package ballot

import (
	"cmp"
	"slices"
)

// Pile is ballots that are alike.
type Pile struct {
	Bloc    string   `json:"bloc,omitempty"`
	Choices []string `json:"choices"` // empty for a blank ballot
	N       int      `json:"n"`
}

// Sheet is what was read off paper ballots: sums, or rankings where the method
// is STV.
type Sheet struct {
	Bloc     string         `json:"bloc,omitempty"`
	Counted  int            `json:"counted"` // = Valid + Blank + Null
	Valid    int            `json:"valid"`
	Blank    int            `json:"blank"`
	Null     int            `json:"null"` // spoilt: nobody can say what was meant
	Sums     map[string]int `json:"sums,omitempty"`
	Rankings []Pile         `json:"rankings,omitempty"`
}

// Tally is everything that a result is computed from.
type Tally struct {
	Terms  Terms
	Base   map[string]int // voters who are not recused, by bloc
	Piles  []Pile
	Sheets []Sheet
	Seed   string // of lots, in hexadecimal; empty while nobody knows it
}

// OptionVotes is how many votes an option has.
type OptionVotes struct {
	Option string `json:"option"`
	Votes  int    `json:"votes"`
}

// BlocResult is how one bloc voted.
type BlocResult struct {
	Bloc      string        `json:"bloc"`
	Base      int           `json:"base"`
	Cast      int           `json:"cast"`
	Valid     int           `json:"valid"`
	PerOption []OptionVotes `json:"per_option"` // first preferences where the method is STV
	Carried   bool          `json:"carried"`    // more than half of its votes given were for; of the method YesNo
}

// TieBreak is a tie and how it was decided.
type TieBreak struct {
	About  string   `json:"about"` // elected, surplus, excluded
	Round  int      `json:"round,omitempty"`
	Among  []string `json:"among"`
	Chosen []string `json:"chosen"` // empty while the lot is not drawn
	ByLot  bool     `json:"by_lot"` // and not by an earlier round
}

// Result is what a poll came to. Everybody can recompute it from the list of
// ballots and the declaration.
type Result struct {
	Base      int           `json:"base"` // voters, without those who are recused
	Cast      int           `json:"cast"` // ballots, blank and spoilt ones among them
	Valid     int           `json:"valid"`
	Blank     int           `json:"blank"`
	Null      int           `json:"null"`
	Paper     int           `json:"paper"` // of Cast, those on paper
	PerOption []OptionVotes `json:"per_option"`
	PerBloc   []BlocResult  `json:"per_bloc,omitempty"` // of one that is kept: see Blocs
	Quorate   bool          `json:"quorate"`
	Adopted   bool          `json:"adopted"` // of the method YesNo
	Elected   []string      `json:"elected,omitempty"`
	Quota     int64         `json:"quota,omitempty"`  // of the method STV, in Units
	Rounds    []Round       `json:"rounds,omitempty"` // of the method STV
	Ties      []TieBreak    `json:"ties,omitempty"`
	Sheets    []Sheet       `json:"sheets,omitempty"`  // what was read off paper ballots, for whoever counts again
	Undrawn   bool          `json:"undrawn,omitempty"` // a tie waits for its lot: the result is none yet
}

// Count computes a result. It depends on nothing but its argument.
func Count(t Tally) Result {
	all := t.sum("", true)
	r := Result{Base: all.Base, Cast: all.Cast, Valid: all.Valid, PerOption: all.PerOption, Sheets: t.Sheets}
	for _, s := range t.Sheets {
		r.Null += s.Null
		r.Paper += s.Counted
	}
	r.Blank = r.Cast - r.Valid - r.Null
	for _, b := range t.blocs() {
		r.PerBloc = append(r.PerBloc, t.sum(b, false))
	}
	r.Quorate = quorate(t.Terms, r)
	switch t.Terms.Method {
	case YesNo:
		r.Adopted = r.Quorate && carried(t.Terms, r)
	case STV:
		countSTV(t, &r)
	default:
		elect(t, &r)
	}
	if !r.Quorate {
		r.Elected = nil
	}
	return r
}

// blocs are those that voters belong to, sorted; none when there is but one.
func (t Tally) blocs() (out []string) {
	for b := range t.Base {
		if b != "" {
			out = append(out, b)
		}
	}
	for _, b := range t.Terms.Blocs {
		if !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	slices.Sort(out)
	return out
}

// Blocs are the figures by bloc that everybody may see. In a secret poll they are
// left out where one would say what somebody voted: a bloc with fewer than
// leastCell ballots, or those without a bloc, which are what the rest leaves of the
// whole. Those that the declaration counts by themselves for a double majority
// stay: without them nobody could check it.
func (r Result) Blocs(t Terms) (out []BlocResult) {
	few := func(cast int) bool { return t.Secrecy == Secret && cast > 0 && cast < leastCell }
	rest, shown := r.Cast, true
	for _, b := range r.PerBloc {
		rest -= b.Cast
		shown = shown && !few(b.Cast)
		if t.Majority == Double && slices.Contains(t.Blocs, b.Bloc) {
			out = append(out, b)
		}
	}
	if shown && !few(rest) {
		return r.PerBloc
	}
	return out
}

// sum adds the votes of one bloc, or of all.
func (t Tally) sum(bloc string, all bool) BlocResult {
	out := BlocResult{Bloc: bloc}
	for b, n := range t.Base {
		if all || b == bloc {
			out.Base += n
		}
	}
	votes := map[string]int{}
	for _, p := range t.Piles {
		if !all && p.Bloc != bloc {
			continue
		}
		out.Cast += p.N
		if len(p.Choices) > 0 {
			out.Valid += p.N
		}
		for i, c := range p.Choices {
			if i == 0 || t.Terms.Method != STV {
				votes[c] += p.N
			}
		}
	}
	for _, s := range t.Sheets {
		if all || s.Bloc == bloc {
			out.Cast += s.Counted
			out.Valid += s.Valid
			for c, n := range s.Sums {
				votes[c] += n
			}
			for _, p := range s.Rankings {
				votes[p.Choices[0]] += p.N
			}
		}
	}
	for _, o := range t.Terms.ids() {
		out.PerOption = append(out.PerOption, OptionVotes{o, votes[o]})
	}
	out.Carried = votes[Yes] > votes[No]
	return out
}

// quorate reports whether enough took part: those who abstained or cast a blank
// or spoilt ballot did.
func quorate(t Terms, r Result) bool {
	q := t.Quorum
	if q.Den > 0 {
		part, whole := r.Cast*q.Den, r.Base*q.Num
		if part < whole || q.Over && part == whole {
			return false
		}
	}
	for _, b := range r.PerBloc {
		if q.BlocDen > 0 && slices.Contains(t.Blocs, b.Bloc) && b.Cast*q.BlocDen < b.Base*q.BlocNum {
			return false
		}
	}
	return true
}

// carried reports whether the majority is for it: more votes for than against,
// which is more than half of those given; and with the double majority so in
// each of the named blocs (ogp 7: one bloc alone carries nothing).
func carried(t Terms, r Result) bool {
	votes := map[string]int{}
	for _, o := range r.PerOption {
		votes[o.Option] = o.Votes
	}
	if votes[Yes] <= votes[No] {
		return false
	}
	for _, b := range r.PerBloc {
		if t.Majority == Double && slices.Contains(t.Blocs, b.Bloc) && !b.Carried {
			return false
		}
	}
	return true
}

// elect fills the seats with the options that have the most votes; those
// without any stay out. Equals at the last seat are ranked by lot.
func elect(t Tally, r *Result) {
	ranked := slices.Clone(r.PerOption)
	slices.SortStableFunc(ranked, func(a, b OptionVotes) int { return cmp.Compare(b.Votes, a.Votes) })
	for len(ranked) > 0 && ranked[0].Votes > 0 && len(r.Elected) < t.Terms.Seats {
		n := 0
		var equal []string
		for n < len(ranked) && ranked[n].Votes == ranked[0].Votes {
			equal = append(equal, ranked[n].Option)
			n++
		}
		ranked = ranked[n:]
		if room := t.Terms.Seats - len(r.Elected); len(equal) > room {
			drawn := lot(t.Seed, equal)
			tie := TieBreak{About: "elected", Among: equal, ByLot: true}
			if drawn == nil {
				r.Undrawn = true
			} else {
				tie.Chosen = drawn[:room]
			}
			r.Ties = append(r.Ties, tie)
			equal = tie.Chosen
			ranked = nil
		}
		r.Elected = append(r.Elected, equal...)
	}
}
