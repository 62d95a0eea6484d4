package indicator

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
)

// scan reads a line without building what nobody asks for: it passes over all
// values but those that a process has. It refuses exactly what encoding/json
// refuses, and gives what parse gives; the tests and a fuzz target compare them.
//
// Its methods report whether the text so far is JSON. After a false the rest of
// what they did means nothing.
type scanner struct {
	b     []byte
	i     int
	depth int
}

// maxDepth is how deep encoding/json goes.
const maxDepth = 10_000

// scan is parse, several times as fast.
func scan(line []byte) (process, error) {
	s := scanner{b: line}
	var p process
	ok := s.object(func(key []byte) bool { return s.release(key, &p) })
	if s.space(); !ok || s.i != len(s.b) {
		return process{}, errJSON
	}
	return p, nil
}

// release reads a member of a release. What comes twice counts as it comes last,
// so that each case begins with nothing.
func (s *scanner) release(key []byte, p *process) bool {
	switch string(key) {
	case "ocid":
		return s.text(&p.ocid)
	case "buyer":
		return s.id(&p.buyer)
	case "tender":
		s.space()
		p.tender = s.at('{')
		p.status, p.method, p.details, p.start, p.end, p.entity = text{}, text{}, text{}, text{}, text{}, text{}
		p.oneTenderer = false
		return s.object(func(key []byte) bool { return s.tender(key, p) })
	case "bids":
		p.bids = nil
		return s.object(func(key []byte) bool {
			if string(key) == "details" {
				return list(s, &p.bids, (*scanner).bid)
			}
			return s.skip()
		})
	case "awards":
		return list(s, &p.awards, (*scanner).award)
	}
	return s.skip()
}

func (s *scanner) tender(key []byte, p *process) bool {
	switch string(key) {
	case "status":
		return s.text(&p.status)
	case "procurementMethod":
		return s.text(&p.method)
	case "procurementMethodDetails":
		return s.text(&p.details)
	case "procuringEntity":
		return s.id(&p.entity)
	case "numberOfTenderers":
		s.space()
		from := s.i
		ok := s.skip()
		p.oneTenderer = string(s.b[from:s.i]) == "1"
		return ok
	case "tenderPeriod":
		p.start, p.end = text{}, text{}
		return s.object(func(key []byte) bool {
			switch string(key) {
			case "startDate":
				return s.text(&p.start)
			case "endDate":
				return s.text(&p.end)
			}
			return s.skip()
		})
	}
	return s.skip()
}

func (s *scanner) bid(b *bid) bool {
	return s.object(func(key []byte) bool {
		switch string(key) {
		case "status":
			return s.text(&b.status)
		case "date":
			return s.text(&b.date)
		case "tenderers":
			return list(s, &b.tenderers, (*scanner).id)
		case "value":
			b.amount, b.currency = amount{}, text{}
			return s.object(func(key []byte) bool {
				switch string(key) {
				case "amount":
					return s.amount(&b.amount)
				case "currency":
					return s.text(&b.currency)
				}
				return s.skip()
			})
		}
		return s.skip()
	})
}

func (s *scanner) award(a *award) bool {
	return s.object(func(key []byte) bool {
		switch string(key) {
		case "status":
			return s.text(&a.status)
		case "suppliers":
			return list(s, &a.suppliers, (*scanner).id)
		case "items":
			return list(s, &a.classifications, (*scanner).classification)
		}
		return s.skip()
	})
}

// classification reads the id of an item's classification.
func (s *scanner) classification(t *text) bool {
	return s.object(func(key []byte) bool {
		if string(key) == "classification" {
			return s.id(t)
		}
		return s.skip()
	})
}

// id reads the id of an object.
func (s *scanner) id(t *text) bool {
	*t = text{}
	return s.object(func(key []byte) bool {
		if string(key) == "id" {
			return s.text(t)
		}
		return s.skip()
	})
}

// amount reads a price as amountOf does.
func (s *scanner) amount(a *amount) bool {
	s.space()
	from := s.i
	switch {
	case s.at('{'):
		var long text
		ok := s.object(func(key []byte) bool {
			if string(key) == "$numberLong" {
				return s.text(&long)
			}
			return s.skip()
		})
		*a = newAmount(textAmount, long.s)
		return ok
	case s.at('"'):
		var t text
		ok := s.text(&t)
		*a = newAmount(textAmount, t.s)
		return ok
	}
	ok := s.skip()
	*a = newAmount(numberAmount, string(s.b[from:s.i]))
	return ok
}

// list reads an array; anything else is none.
func list[T any](s *scanner, into *[]T, read func(*scanner, *T) bool) bool {
	*into = nil
	if s.space(); !s.at('[') {
		return s.skip()
	}
	out := []T{}
	ok := s.array(func() bool {
		var one T
		out = append(out, one)
		return read(s, &out[len(out)-1])
	})
	*into = out
	return ok
}

// text reads a string; anything else is none.
func (s *scanner) text(t *text) bool {
	*t = text{}
	if s.space(); !s.at('"') {
		return s.skip()
	}
	raw, escaped, ok := s.str()
	if ok {
		*t = text{unescape(raw, escaped), true}
	}
	return ok
}

// unescape makes a string of what stands between quotation marks.
func unescape(raw []byte, escaped bool) (out string) {
	if !escaped {
		return string(raw)
	}
	quoted := append(append([]byte{'"'}, raw...), '"')
	if json.Unmarshal(quoted, &out) != nil {
		return ""
	}
	return out
}

func (s *scanner) at(c byte) bool { return s.i < len(s.b) && s.b[s.i] == c }

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// skip passes over a value.
func (s *scanner) skip() bool {
	s.space()
	if s.i >= len(s.b) {
		return false
	}
	switch s.b[s.i] {
	case '"':
		_, _, ok := s.str()
		return ok
	case '{':
		return s.members(nil)
	case '[':
		return s.array(s.skip)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

func (s *scanner) literal(word string) bool {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return false
	}
	s.i += len(word)
	return true
}

// object passes over a value, and asks member for each one of an object.
func (s *scanner) object(member func(key []byte) bool) bool {
	if s.space(); !s.at('{') {
		return s.skip()
	}
	return s.members(member)
}

// members reads an object, from its brace on. A nil member passes over them.
func (s *scanner) members(member func(key []byte) bool) bool {
	if s.depth++; s.depth > maxDepth {
		return false
	}
	s.i++
	if s.space(); s.at('}') {
		s.i++
		s.depth--
		return true
	}
	for s.at('"') {
		key, escaped, ok := s.str()
		if s.space(); !ok || !s.at(':') {
			return false
		}
		s.i++
		if member == nil {
			ok = s.skip()
		} else {
			if escaped {
				key = []byte(unescape(key, true))
			}
			ok = member(key)
		}
		if s.space(); !ok || s.i >= len(s.b) {
			return false
		}
		s.i++
		switch s.b[s.i-1] {
		case ',':
			s.space()
		case '}':
			s.depth--
			return true
		default:
			return false
		}
	}
	return false
}

// array reads an array, from its bracket on.
func (s *scanner) array(element func() bool) bool {
	if s.depth++; s.depth > maxDepth {
		return false
	}
	s.i++
	if s.space(); s.at(']') {
		s.i++
		s.depth--
		return true
	}
	for {
		ok := element()
		if s.space(); !ok || s.i >= len(s.b) {
			return false
		}
		s.i++
		switch s.b[s.i-1] {
		case ',':
		case ']':
			s.depth--
			return true
		default:
			return false
		}
	}
}

// number passes over a number, as RFC 8259 has it.
func (s *scanner) number() bool {
	if s.at('-') {
		s.i++
	}
	if s.at('0') {
		s.i++
	} else if !s.digits() {
		return false
	}
	if s.at('.') {
		if s.i++; !s.digits() {
			return false
		}
	}
	if s.at('e') || s.at('E') {
		if s.i++; s.at('+') || s.at('-') {
			s.i++
		}
		return s.digits()
	}
	return true
}

// digits passes over digits, of which there must be one.
func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
	}
	return s.i > from
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// zeros marks the bytes of a word that are zero; what it marks above the first
// of them means nothing.
func zeros(w uint64) uint64 { return (w - ones) &^ w & highs }

// str reads a string from its quotation mark on, and gives what stands between
// the marks. It looks at eight bytes at once for what ends a run of plain ones:
// a quotation mark, a backslash, a control character.
func (s *scanner) str() (raw []byte, escaped, ok bool) {
	s.i++
	from := s.i
	for {
		for s.i+8 <= len(s.b) {
			w := binary.LittleEndian.Uint64(s.b[s.i:])
			found := zeros(w^ones*'"') | zeros(w^ones*'\\') | (w-ones*' ')&^w&highs
			if found != 0 {
				s.i += bits.TrailingZeros64(found) / 8
				break
			}
			s.i += 8
		}
		if s.i >= len(s.b) {
			return nil, false, false
		}
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[from : s.i-1], escaped, true
		case c < ' ':
			return nil, false, false
		case c != '\\':
			s.i++
		default:
			if escaped = true; !s.escape() {
				return nil, false, false
			}
		}
	}
}

// escape passes over a backslash and what belongs to it.
func (s *scanner) escape() bool {
	if s.i+2 > len(s.b) {
		return false
	}
	s.i += 2
	switch s.b[s.i-1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for end := s.i + 4; s.i < end; s.i++ {
			if s.i >= len(s.b) || !hex(s.b[s.i]) {
				return false
			}
		}
		return true
	}
	return false
}

func hex(c byte) bool {
	return c-'0' <= 9 || (c|0x20)-'a' <= 5
}
