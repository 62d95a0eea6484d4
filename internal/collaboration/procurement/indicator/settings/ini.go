package settings

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// entry is one property of a settings file.
type entry struct {
	line                int
	section, key, value string
}

// parseINI reads sections and properties. A section without properties is an
// entry without a key. Comments stand on lines of their own, behind ; or #.
func parseINI(r io.Reader) (out []entry, err error) {
	in := bufio.NewScanner(r)
	section := ""
	for n := 1; in.Scan(); n++ {
		text := strings.TrimSpace(strings.TrimPrefix(in.Text(), "\ufeff"))
		switch {
		case text == "" || text[0] == ';' || text[0] == '#':
		case text[0] == '[':
			name, found := strings.CutSuffix(text, "]")
			if !found {
				return nil, fmt.Errorf("line %d: the section %q has no ] at its end", n, text)
			}
			section = strings.TrimSpace(name[1:])
			out = append(out, entry{line: n, section: section})
		default:
			i := strings.IndexAny(text, "=:")
			if i < 1 {
				return nil, fmt.Errorf("line %d: %q is neither [section] nor name = value", n, text)
			}
			out = append(out, entry{n, section, strings.TrimSpace(text[:i]), unquote(strings.TrimSpace(text[i+1:]))})
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return out, nil
}

// unquote takes the quotation marks off a value that has them at both ends.
func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
