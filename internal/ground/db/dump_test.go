package db_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

var family = schema("0001_family.sql", `CREATE TABLE child (id TEXT PRIMARY KEY);
	CREATE TABLE a_parent (id TEXT PRIMARY KEY, ok BOOLEAN, n BIGINT, x DOUBLE PRECISION, doc JSONB, none TEXT);
	DROP TABLE child;
	CREATE TABLE child (id TEXT PRIMARY KEY, parent TEXT REFERENCES a_parent (id));
	CREATE TABLE a_grandchild (id TEXT PRIMARY KEY, child TEXT REFERENCES child (id));`)

// What one engine gives, the other takes, through JSON and back, with nothing
// changed.
func TestDumpCrossesEngines(t *testing.T) {
	lite, pg := dbtest.Open(t, dbtest.SQLite(t), family), dbtest.Open(t, dbtest.Postgres(t), family)
	ctx := t.Context()
	if err := lite.Update(ctx, func(tx *db.Tx) error {
		return tx.Script(ctx, `INSERT INTO a_parent VALUES ('p', TRUE, 9007199254740993, 0.1, '{"a": [1, "ñ"]}', NULL);
			INSERT INTO child VALUES ('c', 'p'); INSERT INTO a_grandchild VALUES ('g', 'c')`)
	}); err != nil {
		t.Fatal(err)
	}
	first := dump(t, lite)
	load(t, pg, first)
	second := dump(t, pg)
	again := dbtest.Open(t, dbtest.SQLite(t), family)
	load(t, again, second)
	if third := dump(t, again); strings.ReplaceAll(third, " ", "") != strings.ReplaceAll(first, " ", "") {
		t.Errorf("there and back:\n%s\n%s", first, third)
	}
	if !strings.Contains(first, "9007199254740993") || strings.Index(first, "a_parent") > strings.Index(first, "child") {
		t.Errorf("dump:\n%s", first)
	}
}

func dump(t *testing.T, d *db.DB) string {
	t.Helper()
	var b strings.Builder
	err := d.View(t.Context(), func(tx *db.Tx) error {
		tables, err := tx.Tables(t.Context())
		if err != nil {
			return err
		}
		for _, table := range tables {
			if err := tx.Each(t.Context(), table, func(row []any) error {
				line, err := json.Marshal(row)
				fmt.Fprintf(&b, "%s\t%s\n", table.Name, line)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func load(t *testing.T, d *db.DB, text string) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		tables, err := tx.Tables(t.Context())
		if err != nil {
			return err
		}
		for line := range strings.Lines(text) {
			name, values, _ := strings.Cut(line, "\t")
			for _, table := range tables {
				if table.Name != name {
					continue
				}
				dec := json.NewDecoder(strings.NewReader(values))
				dec.UseNumber()
				var row []any
				if err := dec.Decode(&row); err != nil {
					return err
				}
				if err := tx.Put(t.Context(), table, row); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
