package stored

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"strings"
	"sync"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// OpenDuck starts an engine without extensions over the DuckDB file at path,
// read-only. once is run before the first query, such as to lock the engine.
//
// Every call is an engine of its own, in memory, with the file attached: an
// engine opened on the file itself would be shared with whoever has it open in
// this process, and refuse to be if their settings differ.
func OpenDuck(path string, lim Limits, once []string) (*sql.DB, error) {
	q := url.Values{
		"threads": {fmt.Sprint(lim.Threads)}, "memory_limit": {fmt.Sprintf("%dMB", lim.MemoryMB)}, "temp_directory": {lim.Temp},
		"autoinstall_known_extensions": {"false"}, "autoload_known_extensions": {"false"},
	}
	var first sync.Once
	connector, err := duckdb.NewConnector("?"+q.Encode(), func(c driver.ExecerContext) (err error) {
		run := func(s string) {
			if err == nil {
				if _, e := c.ExecContext(context.Background(), s, nil); e != nil {
					err = fmt.Errorf("%s: %w", Verb(s), e)
				}
			}
		}
		first.Do(func() {
			run("ATTACH " + QuoteText(path) + " AS version (READ_ONLY)")
			for _, s := range once {
				run(s)
			}
		})
		run("USE version")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open rows: %w", err)
	}
	return sql.OpenDB(connector), nil
}

// Limits bound what DuckDB may take.
type Limits struct {
	MemoryMB, Threads int
	Temp              string // folder to spill to
}

// Verb is what a statement does, for errors.
func Verb(q string) string {
	word, _, _ := strings.Cut(q, " ")
	return strings.ToLower(word)
}

// Lockdown shuts the door behind an engine that answers strangers. The setting
// before it lets a page be fetched by row number instead of by scanning.
var Lockdown = []string{
	"SET late_materialization_max_rows = 2000",
	"SET enable_external_access = false",
	"SET lock_configuration = true",
}

// CopyParquet lets DuckDB write what a query finds into a file.
func CopyParquet(ctx context.Context, db *sql.DB, query string, args []any, path string) error {
	q := "COPY (" + query + ") TO " + QuoteText(path) + " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 60000)"
	_, err := db.ExecContext(ctx, q, args...)
	return err
}
