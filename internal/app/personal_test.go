package app

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/who"
)

// personColumn is how columns are called that hold the id of a person. What is
// called otherwise is found by what the demonstration wrote into it.
var personColumn = regexp.MustCompile(`^(person|author|actor|owner|voter|named|reporter|responder|witness[0-9]*|subject|by|by_person|.*_by)$`)

// deedColumn is how columns are called that say who did something, and no more:
// the log tells that to whoever asks for their data, as a deed.
var deedColumn = regexp.MustCompile(`^(actor|by|by_person|.*_by)$`)

// nobodys are columns that are called as if they held people and hold none, or
// that keep an id which leads to nobody once the person is erased.
var nobodys = map[string]string{
	"activity.actor":             "part of the envelope that the ledger proves; the person's row is empty and the payload gone",
	"activity.record":            "as activity.actor, where the record is a person",
	"job.actor":                  "the queue forgets a job within weeks; its page asks for the name, which is gone",
	"api_once.actor":             "forgotten after a day",
	"meeting_attendance.subject": "whoever was invited or an id of its own, never a person",
	"assessment_code.subject":    "a commitment or a requirement",
	"assessment_passage.subject": "as assessment_code.subject",
	"person_identity.subject":    "the provider's own name for somebody; the row goes with the person",
	"shelf_version.owner":        "a resource",
	"person.id":                  "the row stays, emptied",
	"sign_in_ticket.person":      "a step of signing in, gone within minutes",
	"notify_choice.person":       "the export says the frequency of every subject, chosen or not",
	"record_follower.record":     "somebody's followers where the record is a person",
}

// TestEveryColumnThatNamesSomebody walks the tables as they are migrated. Each
// column that holds the id of a person must be empty of it once the person is
// erased; and what such a row says of somebody must be in the export of their
// data, save who did what, which the log tells. A module that is added later
// stands here by being in the list of modules.
func TestEveryColumnThatNamesSomebody(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *house) {
		h.quiet()
		columns := h.columnsOfPeople()
		if len(columns) < 60 {
			t.Fatalf("only %d columns found: %v", len(columns), columns)
		}
		for i, c := range columns {
			p, _, err := h.Who.AddPerson(t.Context(), h.system(), fmt.Sprintf("stranger%d@example.org", i), "Stranger", who.Grant{})
			must(t, err)
			before := h.exported(p.ID)
			h.putInto(c, p.ID)
			if before == h.exported(p.ID) && !deedColumn.MatchString(c.name) && !strings.HasPrefix(c.table, "person") {
				t.Errorf("%s names somebody whose export does not say so: a who.Personal of its module must", c)
			}
			must(t, h.Who.EraseFor(t.Context(), h.system(), p.ID))
			if h.holds(c, p.ID) {
				t.Errorf("%s still names somebody who is erased: a who.Personal of its module must let go, perhaps by deed.Columns", c)
			}
		}
		all := h.columns()
		for name := range nobodys {
			if !slices.ContainsFunc(all, func(c column) bool { return c.String() == name }) {
				t.Errorf("%s is explained and is no column", name)
			}
		}
		h.quiet()
		keys := h.Store.KeyPath()
		if _, err := ledger.VerifySite(t.Context(), h.DB, keys); err != nil {
			t.Errorf("after %d erasures the ledger does not verify: %v", len(columns), err)
		}
	})
}

// column is one of a table.
type column struct{ table, name, kind string }

func (c column) String() string { return c.table + "." + c.name }

// columns reads the schema as the modules migrated it.
func (h *house) columns() (out []column) {
	h.t.Helper()
	ctx := h.t.Context()
	must(h.t, h.DB.View(ctx, func(tx *db.Tx) (err error) {
		out, err = db.List(ctx, tx, func(c *column) []any { return []any{&c.table, &c.name, &c.kind} }, tx.Pick(
			`SELECT m.name, c.name, lower(c.type) FROM sqlite_master m JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '%/_fts/_%' ESCAPE '/' ORDER BY m.name, c.cid`,
			`SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`))
		return err
	}))
	return slices.DeleteFunc(out, func(c column) bool { return strings.Contains(c.table, "goose") })
}

// columnsOfPeople returns the columns that are called as if they held people, or
// in which the demonstration left the id of one.
func (h *house) columnsOfPeople() (out []column) {
	h.t.Helper()
	ctx := h.t.Context()
	must(h.t, h.DB.View(ctx, func(tx *db.Tx) error {
		for _, c := range h.columns() {
			if c.kind != "text" || nobodys[c.String()] != "" {
				continue
			}
			held := personColumn.MatchString(c.name)
			if !held {
				var err error
				if held, err = db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM "`+c.table+`" WHERE "`+c.name+`" IN (SELECT id FROM person))`); err != nil {
					return err
				}
			}
			if held {
				out = append(out, c)
			}
		}
		return nil
	}))
	return out
}

// holders are what the modules declare to keep about people.
func (h *house) holders() (out []who.Personal) {
	for _, m := range h.Modules {
		out = append(out, m.Personal...)
	}
	return append(out, h.Notify)
}

// exported is what the modules hand out about somebody.
func (h *house) exported(person string) string {
	h.t.Helper()
	out := map[string]any{}
	must(h.t, h.DB.View(h.t.Context(), func(tx *db.Tx) error {
		for _, m := range h.holders() {
			part, err := m.Export(h.t.Context(), tx, person)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Name(), err)
			}
			out[m.Name()] = part
		}
		return nil
	}))
	text, err := json.Marshal(out)
	must(h.t, err)
	return string(text)
}

// holds reports whether a column holds a value.
func (h *house) holds(c column, value string) bool {
	h.t.Helper()
	return h.one(`SELECT CAST(count(*) AS TEXT) FROM "`+c.table+`" WHERE "`+c.name+`" = $1`, value) != "0"
}

// putInto names a person in one row of a column: in one that is there, else in a
// new one that hangs on what is there.
func (h *house) putInto(c column, person string) {
	h.t.Helper()
	ctx := h.t.Context()
	must(h.t, h.DB.Update(ctx, func(tx *db.Tx) error {
		row := tx.Pick(`rowid`, `ctid`)
		n, err := tx.Exec(ctx, `UPDATE "`+c.table+`" SET "`+c.name+`" = $1 WHERE `+row+` = (SELECT `+row+` FROM "`+c.table+`" ORDER BY `+row+` DESC LIMIT 1)`, person)
		if err != nil || n > 0 {
			return err
		}
		return h.newRow(ctx, tx, c, person)
	}))
}

// parents says in which table a column finds the row it hangs on, where that is
// not the table of its own name.
var parents = map[string]string{"box": "answer_box", "input": "answer_input", "call": "forum_call", "decision": "forum_decision", "term": "forum_term", "annotation": "consultation_annotation"}

// newRow writes a row whose columns say as little as they may.
func (h *house) newRow(ctx context.Context, tx *db.Tx, c column, person string) error {
	var names, marks []string
	var args []any
	for _, x := range h.columns() {
		if x.table != c.table {
			continue
		}
		value, err := filling(ctx, tx, x, h.columns())
		if err != nil {
			return err
		}
		if x.name == c.name {
			value = person
		}
		args = append(args, value)
		names, marks = append(names, `"`+x.name+`"`), append(marks, fmt.Sprintf("$%d", len(args)))
	}
	_, err := tx.Exec(ctx, `INSERT INTO "`+c.table+`" (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, args...)
	return err
}

func filling(ctx context.Context, tx *db.Tx, c column, all []column) (any, error) {
	switch {
	case c.kind == "jsonb":
		return "null", nil
	case c.kind == "boolean":
		return false, nil
	case c.kind != "text":
		return 1, nil
	case c.name == "person":
		return db.Get(ctx, tx, db.One[string], `SELECT min(id) FROM person`)
	}
	parent := c.name
	if parents[c.name] != "" {
		parent = parents[c.name]
	}
	if c.name == "id" {
		return id.Random(), nil
	}
	if !slices.Contains(all, column{parent, "id", "text"}) {
		return "", nil
	}
	return db.Get(ctx, tx, db.One[string], `SELECT coalesce(min(id), '') FROM "`+parent+`"`)
}
