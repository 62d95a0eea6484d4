package joint

import (
	"context"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/org"
)

// Row is a pledge as a list has it.
type Row struct {
	Pledge
	Project    string // title of the project
	Commitment string // of the project; empty for none
	State      State  // of the project
	Giver      string // name of the organisation
	Governs    bool
	Answered   string // name of the partner that said last whether it is kept; empty for none
}

// sums are the words of Sum: what pledges are counted by, each with its condition.
// TestNothingIsKeptOnOnesOwnWord compares them with SumOf and ReadyOf.
var sums = map[string]string{
	"given":     ` AND g.state NOT IN ('offered', 'withdrawn')`,
	"offered":   ` AND g.state = 'offered'`,
	"kept":      ` AND g.state = 'kept'`,
	"said_kept": ` AND g.state = 'said_kept'`,
	"disputed":  ` AND g.state = 'disputed'`,
	"not_kept":  ` AND g.state = 'not_kept'`,
	"silent":    ` AND g.state = 'confirmed' AND g.due < ?`,
	"partner": ` AND g.state NOT IN ('offered', 'withdrawn')
		AND EXISTS (SELECT 1 FROM joint_partner x WHERE x.joint = g.joint AND x.org = g.org AND x.joined IS NOT NULL AND x.left_at IS NULL)`,
}

// The sectors of those who give.
const Government, Others = "government", "non_government"

// PledgeFilter selects pledges; the zero PledgeFilter selects all.
type PledgeFilter struct {
	Joint      string
	Commitment string // of the project
	Org        string // that gives
	Sector     string // of the one that gives: Government or Others
	State      Standing
	Currency   string // only money of which the amount is said, in this currency
	// Is is a word of Sum: given, offered, kept, said_kept, disputed, not_kept or
	// silent; or partner, for what Ready counts: given by one that takes part now.
	Is string
}

// asking is a query that grows by conditions.
type asking struct {
	text string
	args []any
}

// also adds a condition with a mark for value; nothing for none.
func (q *asking) also(condition, value string) {
	if value != "" {
		q.args = append(q.args, value)
		q.text += strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(q.args)))
	}
}

// latest is the order of the lists of pledges: ids begin with the time.
var latest = db.Keyset{Columns: []string{"g.id"}, Desc: true}

// Rows returns a page of pledges, the latest first, with names in a language, and
// the cursor of the next page; "" at the end.
func Rows(ctx context.Context, tx *db.Tx, f PledgeFilter, lang, cursor string, limit int) ([]Row, string, error) {
	q := asking{text: `SELECT g.id, g.joint, g.org, g.what, g.in_kind, g.amount, g.currency, g.due, g.state, g.since, g.changed, g.version, p.title, p.commitment, p.state,
		coalesce((SELECT w.org FROM joint_word w WHERE w.pledge = g.id AND w.org <> g.org AND w.says IN ('kept', 'not_kept') ORDER BY w.at DESC, w.id DESC LIMIT 1), '')
		FROM joint_pledge g JOIN joint p ON p.id = g.joint WHERE TRUE`}
	if err := f.narrow(ctx, tx, &q); err != nil {
		return nil, "", err
	}
	after, more, err := latest.After(cursor, len(q.args)+1)
	if err != nil {
		return nil, "", err
	}
	rows, err := db.List(ctx, tx, func(r *Row) []any {
		return append(pledgeFields(&r.Pledge), &r.Project, &r.Commitment, &r.State, &r.Answered)
	}, q.text+` AND `+after+` `+latest.OrderBy()+` LIMIT `+strconv.Itoa(limit+1), append(q.args, more...)...)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows, next = rows[:limit], db.Cursor(rows[limit-1].ID)
	}
	return rows, next, nameGivers(ctx, tx, rows, lang)
}

// narrow adds what the filter asks for.
func (f PledgeFilter) narrow(ctx context.Context, tx *db.Tx, q *asking) error {
	q.also(` AND g.joint = ?`, f.Joint)
	q.also(` AND p.commitment = ?`, f.Commitment)
	q.also(` AND g.org = ?`, f.Org)
	q.also(` AND g.state = ?`, string(f.State))
	q.also(` AND g.amount <> 0 AND g.currency = ?`, f.Currency)
	if condition := sums[f.Is]; strings.Contains(condition, "?") {
		q.also(condition, plan.Today(tx))
	} else {
		q.text += condition
	}
	if f.Sector == "" {
		return nil
	}
	givers, err := db.List(ctx, tx, db.One[string], `SELECT DISTINCT org FROM joint_pledge WHERE joint = $1 OR $1 = ''`, f.Joint)
	if err != nil {
		return err
	}
	governs, err := Governs(ctx, tx, givers)
	var in []string
	for _, o := range givers {
		if governs[o] == (f.Sector == Government) {
			in = append(in, o)
		}
	}
	marks, args := db.In(len(q.args)+1, in)
	q.text, q.args = q.text+` AND g.org IN `+marks, append(q.args, args...)
	return err
}

// nameGivers fills in what the rows say of organisations.
func nameGivers(ctx context.Context, tx *db.Tx, rows []Row, lang string) error {
	var orgs, givers []string
	for _, r := range rows {
		orgs, givers = append(orgs, r.Org, r.Answered), append(givers, r.Org)
	}
	names, err := org.Names(ctx, tx, lang, orgs)
	if err != nil {
		return err
	}
	governs, err := Governs(ctx, tx, givers)
	for i := range rows {
		r := &rows[i]
		r.Giver, r.Answered, r.Governs = names[r.Org], names[r.Answered], governs[r.Org]
	}
	return err
}
