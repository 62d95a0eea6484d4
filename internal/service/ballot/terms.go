package ballot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Method is how votes make a result.
type Method string

// The methods.
const (
	YesNo     Method = "yes_no_abstain" // options Yes, No and Abstain; adopted or not
	Plurality Method = "plurality"      // one option each; the most votes are elected
	Approval  Method = "approval"       // up to Terms.Max options each
	STV       Method = "stv"            // a ranking; see CountSTV
)

// Methods are all methods, as pages offer them.
var Methods = []Method{YesNo, Plurality, Approval, STV}

// The options of a poll with the method YesNo.
const (
	Yes     = "yes"
	No      = "no"
	Abstain = "abstain"
)

// Secrecy is who learns what somebody voted.
type Secrecy string

// The two kinds. Of an open poll names and choices are shown after closing.
const (
	Named  Secrecy = "open"
	Secret Secrecy = "secret"
)

// Majority is when a poll with the method YesNo is adopted.
type Majority string

// The majorities. Votes given are those for and against: abstentions and blank
// votes count for the quorum alone.
const (
	Simple Majority = "simple" // more than half of the votes given
	Double Majority = "double" // … overall, and in each of Terms.Blocs
)

// TieRule is where the seed of a lot comes from.
type TieRule string

// The two sources, neither of which anybody knows while votes are cast.
const (
	ByCheckpoint TieRule = "checkpoint" // the first checkpoint of the ledger that covers the closing
	ByText       TieRule = "text"       // a text that is given before two witnesses after the closing: see Office.Draw
)

// Option is something to choose.
type Option struct {
	ID    string     `json:"id"` // short and unique in its poll; 1, 2 … when empty
	Label string     `json:"label"`
	Text  string     `json:"text,omitempty"`
	Ref   record.Ref `json:"ref,omitzero"` // what is chosen, such as a nomination
}

// Quorum says how many of the electorate must take part. The zero Quorum asks
// for nobody.
type Quorum struct {
	Num     int  `json:"num,omitempty"` // at least Num/Den of those who may vote …
	Den     int  `json:"den,omitempty"`
	Over    bool `json:"over,omitempty"`     // … or more than that
	BlocNum int  `json:"bloc_num,omitempty"` // and at least BlocNum/BlocDen of each bloc in Terms.Blocs
	BlocDen int  `json:"bloc_den,omitempty"`
}

// Terms are the rules of one poll. They are fixed, and in the log, once it is
// declared.
type Terms struct {
	Method      Method    `json:"method"`
	Max         int       `json:"max,omitempty"`   // options that one may approve of
	Seats       int       `json:"seats,omitempty"` // to fill; 1 when 0
	Secrecy     Secrecy   `json:"secrecy"`
	Options     []Option  `json:"options"`
	Level       who.Level `json:"level,omitempty"` // that whoever casts must have; L1 at least
	Quorum      Quorum    `json:"quorum,omitzero"`
	Majority    Majority  `json:"majority,omitempty"`
	Blocs       []string  `json:"blocs,omitempty"` // that count by themselves: "government", "civil_society"
	Tie         TieRule   `json:"tie"`
	WindowHours int       `json:"window_hours"` // for objections to the count
}

// Option returns the option of an id, and whether there is one.
func (t Terms) Option(key string) (Option, bool) {
	i := slices.IndexFunc(t.Options, func(o Option) bool { return o.ID == key })
	if i < 0 {
		return Option{}, false
	}
	return t.Options[i], true
}

// ids are the options in their order.
func (t Terms) ids() []string {
	out := make([]string, len(t.Options))
	for i, o := range t.Options {
		out[i] = o.ID
	}
	return out
}

// most is how many options one vote may hold.
func (t Terms) most() int {
	switch t.Method {
	case Approval:
		return t.Max
	case STV:
		return len(t.Options)
	}
	return 1
}

// The limits of a poll.
const (
	maxTitle   = 200
	maxText    = 20000
	maxOptions = 200
	Window     = 72 // hours for objections where nobody says otherwise
)

// Draftee is what is said of a poll before it is declared.
type Draftee struct {
	Of     record.Ref // may be empty; not changed by Edit
	Org    string     // not changed by Edit
	Title  string
	Text   string
	Lang   string // "en" when empty
	Terms  Terms
	Opens  db.Time
	Closes db.Time
}

// apply cleans and checks a draft and writes it into p.
func (in Draftee) apply(p *Poll, now time.Time) error {
	in.Title = strings.Join(strings.Fields(in.Title), " ")
	var f fault.Fields
	f.Require("title", in.Title)
	f.MaxLen("title", in.Title, maxTitle)
	f.MaxLen("text", in.Text, maxText)
	if in.Lang == "" {
		in.Lang = "en"
	}
	if !i18n.Known(in.Lang) {
		f.Add("lang", "fault.choice")
	}
	in.Terms.clean()
	in.Terms.check(&f)
	if in.Opens.IsZero() {
		f.Add("opens", "fault.required")
	}
	if in.Closes.IsZero() {
		f.Add("closes", "fault.required")
	} else if !in.Closes.After(in.Opens.Time) {
		f.Add("closes", "ballot.closes_first")
	} else if in.Closes.After(in.Opens.AddDate(1, 0, 0)) {
		f.Add("closes", "ballot.too_long")
	}
	f.NotFar("opens", in.Opens.Time, now)
	p.Title, p.Text, p.Lang, p.Terms = in.Title, in.Text, in.Lang, in.Terms
	p.Opens, p.Closes = db.Time{Time: in.Opens.Truncate(time.Microsecond)}, db.Time{Time: in.Closes.Truncate(time.Microsecond)}
	return f.Err()
}

// clean fills in what follows from the rest.
func (t *Terms) clean() {
	if t.Method == YesNo {
		t.Options = []Option{{ID: Yes}, {ID: No}, {ID: Abstain}}
		if t.Majority == "" {
			t.Majority = Simple
		}
	} else {
		t.Majority = ""
	}
	if t.Method != Approval {
		t.Max = 0
	}
	if t.Tie == "" {
		t.Tie = ByCheckpoint
	}
	t.Seats = max(t.Seats, 1)
	t.Level = max(t.Level, who.L1)
	for i := range t.Options {
		o := &t.Options[i]
		o.Label = strings.Join(strings.Fields(o.Label), " ")
		if o.ID == "" {
			o.ID = strconv.Itoa(i + 1)
		}
	}
}

// check says what is wrong with the rules.
func (t Terms) check(f *fault.Fields) {
	if !slices.Contains(Methods, t.Method) {
		f.Add("method", "fault.choice")
	}
	if t.Secrecy != Named && t.Secrecy != Secret {
		f.Add("secrecy", "fault.choice")
	}
	if t.Tie != ByCheckpoint && t.Tie != ByText {
		f.Add("tie", "fault.choice")
	}
	if t.Level > who.L3 {
		f.Add("level", "fault.choice")
	}
	if t.WindowHours < 0 || t.WindowHours > 24*60 {
		f.Add("window", "ballot.window_range")
	}
	if q := t.Quorum; q.Num < 0 || q.Num > q.Den || q.BlocNum < 0 || q.BlocNum > q.BlocDen {
		f.Add("quorum", "ballot.quorum_range")
	}
	if t.Method == YesNo && t.Majority != Simple && t.Majority != Double {
		f.Add("majority", "fault.choice")
	}
	if (t.Majority == Double || t.Quorum.BlocNum > 0) && len(t.Blocs) < 2 {
		f.Add("blocs", "ballot.blocs_needed")
	}
	t.checkOptions(f)
}

func (t Terms) checkOptions(f *fault.Fields) {
	seen := map[string]bool{}
	for _, o := range t.Options {
		if len(o.ID) > 64 || seen[o.ID] {
			f.Add("options", "ballot.option_twice", "option", o.ID)
		}
		seen[o.ID] = true
		if o.Label == "" && t.Method != YesNo {
			f.Add("options", "fault.required")
		}
		f.MaxLen("options", o.Label, maxTitle)
		f.MaxLen("options", o.Text, maxText)
	}
	if n := len(t.Options); n == 0 || n > maxOptions {
		f.Add("options", "ballot.option_count", "most", maxOptions)
	} else if t.Seats > n {
		f.Add("seats", "ballot.seats_range")
	} else if t.Method == Approval && (t.Max < 1 || t.Max > n) {
		f.Add("max", "ballot.max_range")
	}
}

// Word is the key of the method's name in locale/.
func (m Method) Word() string { return "ballot.method." + string(m) }

// Label is what an option is called: as it was written, or for Yes, No and
// Abstain in the reader's language.
func (t Terms) Label(ctx context.Context, option string) string {
	o, ok := t.Option(option)
	if !ok {
		return option
	}
	if t.Method == YesNo {
		return i18n.T(ctx, "ballot.option."+o.ID)
	}
	return o.Label
}
