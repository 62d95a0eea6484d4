package filter

import (
	"strconv"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
)

// maxFilterText is the longest filter text that is read, in bytes.
const maxFilterText = 8192

// Parse reads a condition in CQL2 text (OGC 21-065r2): comparisons,
// AND, OR, NOT, BETWEEN, IN, LIKE, IS NULL, CASEI and ACCENTI around the two
// sides of LIKE, IN or = (each folds case and accents), DATE('…'), TIMESTAMP('…') and
// S_INTERSECTS(column, BBOX(w,s,e,n)). Columns must be in m. The fault says
// at which character it stopped understanding.
func Parse(text string, m *table.Manifest) (Filter, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if len(text) > maxFilterText {
		return nil, fault.New(fault.TooLarge, "table.filter.too_long", "max", maxFilterText)
	}
	p := cqlParser{text: text}
	p.next()
	f, err := p.or(0)
	if err == nil && p.tok.kind != cqlEnd {
		err = p.fail()
	}
	if err != nil {
		return nil, err
	}
	if _, err := Check(m, f); err != nil {
		return nil, err
	}
	return f, nil
}

type cqlKind uint8

const (
	cqlEnd cqlKind = iota
	cqlWord
	cqlName // "quoted"
	cqlText // 'quoted'
	cqlNumber
	cqlSign // ( ) , = <> < <= > >=
	cqlBad
)

type cqlToken struct {
	kind cqlKind
	text string
	at   int
}

type cqlParser struct {
	text string
	pos  int
	tok  cqlToken
}

func (p *cqlParser) fail() error {
	return fault.New(fault.Invalid, "table.filter.syntax", "position", p.tok.at+1, "near", table.Shorten(p.text[min(p.tok.at, len(p.text)):], 20))
}

// next reads the next token into p.tok.
func (p *cqlParser) next() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t' || p.text[p.pos] == '\n' || p.text[p.pos] == '\r') {
		p.pos++
	}
	start := p.pos
	p.tok = cqlToken{at: start}
	if start == len(p.text) {
		return
	}
	switch c := p.text[start]; {
	case c == '\'' || c == '"':
		p.quoted(c)
	case wordByte(c) && (c < '0' || c > '9'):
		for p.pos < len(p.text) && wordByte(p.text[p.pos]) {
			p.pos++
		}
		p.tok.kind, p.tok.text = cqlWord, p.text[start:p.pos]
	case c >= '0' && c <= '9' || strings.IndexByte("+-.", c) >= 0:
		p.number()
	default:
		p.sign()
	}
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// quoted reads 'it”s' or "a name".
func (p *cqlParser) quoted(q byte) {
	p.tok.kind = cqlText
	if q == '"' {
		p.tok.kind = cqlName
	}
	var out strings.Builder
	for i := p.pos + 1; i < len(p.text); i++ {
		if p.text[i] != q {
			out.WriteByte(p.text[i])
			continue
		}
		if i+1 < len(p.text) && p.text[i+1] == q {
			out.WriteByte(q)
			i++
			continue
		}
		p.tok.text, p.pos = out.String(), i+1
		return
	}
	p.tok.kind, p.pos = cqlBad, len(p.text)
}

func (p *cqlParser) number() {
	start := p.pos
	for p.pos++; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		exponent := (c == '+' || c == '-') && p.text[p.pos-1]|0x20 == 'e'
		if !exponent && c != '.' && c|0x20 != 'e' && (c < '0' || c > '9') {
			break
		}
	}
	p.tok.kind, p.tok.text = cqlNumber, p.text[start:p.pos]
}

func (p *cqlParser) sign() {
	n := 1
	if rest := p.text[p.pos:]; strings.HasPrefix(rest, "<>") || strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, ">=") {
		n = 2
	}
	p.tok.kind, p.tok.text = cqlSign, p.text[p.pos:p.pos+n]
	if strings.IndexByte("(),=<>", p.tok.text[0]) < 0 {
		p.tok.kind = cqlBad
	}
	p.pos += n
}

// is reports whether the token is the keyword or sign, and steps over it.
func (p *cqlParser) is(word string) bool {
	if (p.tok.kind == cqlWord || p.tok.kind == cqlSign) && strings.EqualFold(p.tok.text, word) {
		p.next()
		return true
	}
	return false
}

func (p *cqlParser) expect(word string) error {
	if !p.is(word) {
		return p.fail()
	}
	return nil
}

func (p *cqlParser) or(depth int) (Filter, error) {
	f, err := p.and(depth)
	parts := Or{f}
	for err == nil && p.is("OR") {
		f, err = p.and(depth)
		parts = append(parts, f)
	}
	if err != nil || len(parts) > 1 {
		return parts, err
	}
	return f, nil
}

func (p *cqlParser) and(depth int) (Filter, error) {
	f, err := p.not(depth)
	parts := And{f}
	for err == nil && p.is("AND") {
		f, err = p.not(depth)
		parts = append(parts, f)
	}
	if err != nil || len(parts) > 1 {
		return parts, err
	}
	return f, nil
}

func (p *cqlParser) not(depth int) (Filter, error) {
	if depth > maxFilterDepth {
		return nil, fault.New(fault.Invalid, "table.filter.too_large", "parts", maxFilterParts, "depth", maxFilterDepth)
	}
	if p.is("NOT") {
		f, err := p.not(depth + 1)
		return Not{f}, err
	}
	if p.is("(") {
		f, err := p.or(depth + 1)
		if err == nil {
			err = p.expect(")")
		}
		return f, err
	}
	if p.is("S_INTERSECTS") {
		return p.intersects()
	}
	return p.predicate()
}

// operand is one side of a comparison.
type operand struct {
	column string
	value  any
	folded bool // CASEI or ACCENTI stood around it
}

func (p *cqlParser) operand() (o operand, err error) {
	t := p.tok
	switch t.kind {
	case cqlText:
		o.value = t.text
	case cqlName:
		o.column = t.text
	case cqlNumber:
		if o.value, err = parseCQLNumber(t.text); err != nil {
			return o, p.fail()
		}
	case cqlWord:
		return p.word()
	default:
		return o, p.fail()
	}
	p.next()
	return o, nil
}

func parseCQLNumber(s string) (any, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	return strconv.ParseFloat(s, 64)
}

// word reads a column, true, false or a function.
func (p *cqlParser) word() (o operand, err error) {
	name := p.tok.text
	p.next()
	switch upper := strings.ToUpper(name); {
	case upper == "TRUE" || upper == "FALSE":
		o.value = upper == "TRUE"
		return o, nil
	case !(p.tok.kind == cqlSign && p.tok.text == "("):
		o.column = name
		return o, nil
	case upper == "CASEI" || upper == "ACCENTI" || upper == "DATE" || upper == "TIMESTAMP":
		p.next()
		if o, err = p.operand(); err == nil {
			err = p.expect(")")
		}
		o.folded = upper == "CASEI" || upper == "ACCENTI"
		return o, err
	}
	return o, fault.New(fault.Invalid, "table.filter.function", "name", table.Shorten(name, 40))
}

var flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// predicate reads a comparison of a column.
func (p *cqlParser) predicate() (Filter, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	if op, ok := flipped[p.tok.text]; ok && p.tok.kind == cqlSign {
		sign := p.tok.text
		p.next()
		right, err := p.operand()
		switch {
		case err != nil:
			return nil, err
		case left.column != "" && right.column == "":
			return compare(left, sign, right), nil
		case left.column == "" && right.column != "":
			return compare(right, op, left), nil
		}
		return nil, p.fail()
	}
	if left.column == "" {
		return nil, p.fail()
	}
	if p.is("IS") {
		no := p.is("NOT")
		return negate(no, IsNull{left.column}), p.expect("NULL")
	}
	no := p.is("NOT")
	f, err := p.range_(left)
	return negate(no, f), err
}

func compare(col operand, op string, v operand) Filter {
	if s, ok := v.value.(string); ok && (col.folded || v.folded) && (op == "=" || op == "<>") {
		exact := Contains(col.column, s).(Like)
		exact.Pattern = strings.TrimSuffix(strings.TrimPrefix(exact.Pattern, "%"), "%")
		return negate(op == "<>", exact)
	}
	return Compare{col.column, op, v.value}
}

func negate(no bool, f Filter) Filter {
	if no {
		return Not{f}
	}
	return f
}

// range_ reads LIKE, BETWEEN and IN.
func (p *cqlParser) range_(left operand) (Filter, error) {
	switch {
	case p.is("LIKE"):
		right, err := p.operand()
		s, ok := right.value.(string)
		if err == nil && !ok {
			err = p.fail()
		}
		return Like{left.column, s, left.folded || right.folded}, err
	case p.is("BETWEEN"):
		low, err := p.operand()
		if err == nil {
			err = p.expect("AND")
		}
		if err != nil {
			return nil, err
		}
		high, err := p.operand()
		if err == nil && (low.column != "" || high.column != "") {
			err = p.fail()
		}
		return Between{left.column, low.value, high.value}, err
	case p.is("IN"):
		values, err := p.list()
		if err != nil || !left.folded {
			return In{left.column, values}, err
		}
		var any Or
		for _, v := range values {
			any = append(any, compare(left, "=", operand{value: v, folded: true}))
		}
		return any, nil
	}
	return nil, p.fail()
}

// list reads ( value, value … ).
func (p *cqlParser) list() ([]any, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var out []any
	for {
		v, err := p.operand()
		if err == nil && v.column != "" {
			err = p.fail()
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v.value)
		if !p.is(",") {
			return out, p.expect(")")
		}
	}
}

// intersects reads (column, BBOX(west, south, east, north)).
func (p *cqlParser) intersects() (Filter, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if p.tok.kind != cqlWord && p.tok.kind != cqlName {
		return nil, p.fail()
	}
	p.next()
	if err := p.expect(","); err != nil {
		return nil, err
	}
	if err := p.expect("BBOX"); err != nil {
		return nil, err
	}
	values, err := p.list()
	if err != nil {
		return nil, err
	}
	var n [4]float64
	for i, v := range values {
		switch x := v.(type) {
		case int64:
			n[i&3] = float64(x)
		case float64:
			n[i&3] = x
		default:
			return nil, p.fail()
		}
	}
	if len(values) != 4 {
		return nil, p.fail()
	}
	return InBox{Box{West: n[0], South: n[1], East: n[2], North: n[3]}}, p.expect(")")
}
