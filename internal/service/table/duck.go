package table

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// openDuck opens a DuckDB file read-only, without extensions. When locked is
// not nil, its statements are run on every connection first, and then nothing
// outside the file can be reached and no setting changed any more.
func openDuck(path string, lim engineLimits, locked []string) (*sql.DB, error) {
	q := url.Values{
		"threads": {fmt.Sprint(lim.threads)}, "memory_limit": {fmt.Sprintf("%dMB", lim.memoryMB)}, "temp_directory": {lim.temp},
		"autoinstall_known_extensions": {"false"}, "autoload_known_extensions": {"false"},
	}
	if path != "" {
		q.Set("access_mode", "READ_ONLY")
	}
	connector, err := duckdb.NewConnector(path+"?"+q.Encode(), func(c driver.ExecerContext) error {
		for _, s := range locked {
			if _, err := c.ExecContext(context.Background(), s, nil); err != nil {
				return fmt.Errorf("%s: %w", firstWord(s), err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open rows: %w", err)
	}
	return sql.OpenDB(connector), nil
}
