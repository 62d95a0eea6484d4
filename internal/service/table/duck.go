package table

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"sync"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// openDuck starts an engine without extensions over the DuckDB file at path,
// read-only. once is run before the first query, such as to lock the engine.
//
// Every call is an engine of its own, in memory, with the file attached: an
// engine opened on the file itself would be shared with whoever has it open in
// this process, and refuse to be if their settings differ.
func openDuck(path string, lim engineLimits, once []string) (*sql.DB, error) {
	q := url.Values{
		"threads": {fmt.Sprint(lim.threads)}, "memory_limit": {fmt.Sprintf("%dMB", lim.memoryMB)}, "temp_directory": {lim.temp},
		"autoinstall_known_extensions": {"false"}, "autoload_known_extensions": {"false"},
	}
	var first sync.Once
	connector, err := duckdb.NewConnector("?"+q.Encode(), func(c driver.ExecerContext) (err error) {
		run := func(s string) {
			if err == nil {
				if _, e := c.ExecContext(context.Background(), s, nil); e != nil {
					err = fmt.Errorf("%s: %w", firstWord(s), e)
				}
			}
		}
		first.Do(func() {
			run("ATTACH " + quoteText(path) + " AS version (READ_ONLY)")
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
