// Package jcs writes JSON in the one form of RFC 8785 (JSON Canonicalization
// Scheme), so that the same data gives the same bytes wherever it is hashed or
// signed: no spaces, members in the order of their names' UTF-16 units, numbers
// and strings as ECMAScript writes them.
//
// What it promises: a text that means the same to every reader, or an error.
// It refuses what readers take differently: bytes that are not UTF-8, half of a
// surrogate pair, a name twice in an object, a number too large for a double.
// Strings are kept as they are, without any normalisation.
//
// Its limit is that of the RFC: numbers are IEEE doubles, so an integer beyond
// 2^53 is rounded. Write such a number as a string.
package jcs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Marshal writes a value, as encoding/json sees it, in canonical form.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return Canonical(b.Bytes())
}

// Canonical turns a JSON text into canonical form.
func Canonical(text []byte) ([]byte, error) {
	switch {
	case !utf8.Valid(text):
		return nil, errors.New("jcs: not UTF-8")
	case !json.Valid(text): // which also keeps the depth within bounds
		return nil, errors.New("jcs: not JSON")
	case loneSurrogate(text):
		return nil, errors.New("jcs: half of a surrogate pair")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	out, err := value(nil, d)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("jcs: more than one value")
		}
	}
	return out, err
}

// loneSurrogate reports whether a \u escape is half of a pair. The text is
// valid JSON.
func loneSurrogate(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if text[i] != 'u' {
			continue
		}
		unit := escaped(text[i+1:])
		i += 4
		if !utf16.IsSurrogate(unit) {
			continue
		}
		if rest := text[i+1:]; bytes.HasPrefix(rest, []byte(`\u`)) && utf16.DecodeRune(unit, escaped(rest[2:])) != utf8.RuneError {
			i += 6
			continue
		}
		return true
	}
	return false
}

// escaped is the unit that four hexadecimal digits say.
func escaped(text []byte) rune {
	if len(text) < 4 {
		return 0
	}
	unit, _ := strconv.ParseUint(string(text[:4]), 16, 16)
	return rune(unit)
}

// value appends the next value.
func value(out []byte, d *json.Decoder) ([]byte, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return object(out, d)
		}
		return array(out, d)
	case string:
		return quoted(out, t), nil
	case json.Number:
		return number(out, t)
	case bool:
		return strconv.AppendBool(out, t), nil
	}
	return append(out, "null"...), nil
}

func array(out []byte, d *json.Decoder) (_ []byte, err error) {
	out = append(out, '[')
	for first := true; d.More(); first = false {
		if !first {
			out = append(out, ',')
		}
		if out, err = value(out, d); err != nil {
			return nil, err
		}
	}
	_, err = d.Token()
	return append(out, ']'), err
}

// member is a name with the value's canonical text.
type member struct {
	units []uint16
	name  string
	text  []byte
}

func object(out []byte, d *json.Decoder) ([]byte, error) {
	var members []member
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		text, err := value(nil, d)
		if err != nil {
			return nil, err
		}
		members = append(members, member{utf16.Encode([]rune(name)), name, text})
	}
	slices.SortFunc(members, func(a, b member) int { return slices.Compare(a.units, b.units) })
	out = append(out, '{')
	for i, m := range members {
		if i > 0 {
			if m.name == members[i-1].name {
				return nil, fmt.Errorf("jcs: %q is twice in an object", m.name)
			}
			out = append(out, ',')
		}
		out = append(append(quoted(out, m.name), ':'), m.text...)
	}
	_, err := d.Token()
	return append(out, '}'), err
}

// number writes a double as ECMAScript does, which encoding/json follows save
// for minus zero.
func number(out []byte, n json.Number) ([]byte, error) {
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("jcs: %w", err)
	}
	if f == 0 {
		return append(out, '0'), nil
	}
	text, err := json.Marshal(f)
	return append(out, text...), err
}

// quoted writes a string with as few escapes as JSON allows.
func quoted(out []byte, s string) []byte {
	out = append(out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c >= ' ':
			out = append(out, c)
		default:
			out = append(out, control(c)...)
		}
	}
	return append(out, '"')
}

func control(c byte) string {
	switch c {
	case '\b':
		return `\b`
	case '\t':
		return `\t`
	case '\n':
		return `\n`
	case '\f':
		return `\f`
	case '\r':
		return `\r`
	}
	return fmt.Sprintf(`\u%04x`, c)
}
