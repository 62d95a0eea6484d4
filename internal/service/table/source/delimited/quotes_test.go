package delimited_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
	"ceiba/internal/service/table/source/sourcetest"
)

// TestRagged keeps what fits and reports the rest, with the line (T4).
func TestRagged(t *testing.T) {
	text := "id,name,n\n1,a,2\n2,b\n3,c,4,5,6\n4,\"d\ne\",N/A\n5,f,6\n"
	r, err := open.File(context.Background(), sourcetest.File(t, text), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []string
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %q %v", row.Line, row.Cells, row.Problems))
	}
	want := []string{`2 ["1" "a" "2"] []`, `3 ["2" "b" ""] [{-1 ragged_short 2 | b}]`, `4 ["3" "c" "4"] [{-1 ragged_long 5 | 6}]`, `5 ["4" "d\ne" "N/A"] []`, `7 ["5" "f" "6"] []`}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	if done, total := r.Bytes(); done != total || total != int64(len(text)) {
		t.Errorf("read %d of %d", done, total)
	}
}

// TestQuotes reads quotes that fit no rule in the way that gives the width.
func TestQuotes(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want []string
		bad  int
	}{
		"doubled":          {`1,"say ""hi"", you",2`, []string{"1", `say "hi", you`, "2"}, 0},
		"inside":           {`1,"say "hi" to you",2`, []string{"1", `say "hi" to you`, "2"}, 1},
		"opened only":      {`"1,two,3`, []string{`"1`, "two", "3"}, 1},
		"not doubled end":  {`1,"12" pipe, 6"",3`, []string{"1", `12" pipe, 6"`, "3"}, 1},
		"inch":             {`1,5" pipe,3`, []string{"1", `5" pipe`, "3"}, 0},
		"space after":      {`1,"two" ,3`, []string{"1", "two", "3"}, 0},
		"other delimiter":  {`1;two;3`, []string{"1", "two", "3"}, 1},
		"empty and quoted": {`"","",""`, nil, 0},
	} {
		text := "a,b,c\n7,x,8\n" + c.line + "\n9,y,10\n"
		got, err := sourcetest.Read(sourcetest.File(t, text), source.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows := got.Rows
		if c.want == nil {
			if len(rows) != 2 {
				t.Errorf("%s: %q", name, rows)
			}
			continue
		}
		if len(rows) != 3 || !slices.Equal(rows[1], c.want) || len(got.Problems) != c.bad {
			t.Errorf("%s: %q %v", name, rows, got.Problems)
		}
	}
}

// TestRunaway stops an unclosed quote before it swallows the file, in time
// that does not grow with the square of the file.
func TestRunaway(t *testing.T) {
	for _, line := range []string{"\"x,1\n", "\"x\"\"\"y,1\n", "x,\"1\n", "\"\",\"\"\"\"1\n"} {
		text := "a,b\n" + strings.Repeat("p,2\n", 10) + strings.Repeat(line, 20_000)
		got, err := sourcetest.Read(sourcetest.File(t, text), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Rows) < 10_000 {
			t.Errorf("%q: %d rows", line, len(got.Rows))
		}
	}
}
