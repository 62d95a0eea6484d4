package template

import (
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// Measures of a page, in millimetres, and sizes of letters, in points.
const (
	pageMargin   = 20.0
	pageFoot     = 18.0
	pageBody     = 297 - pageMargin - pageFoot
	textWidth    = 210 - 2*pageMargin
	textSize     = 10.5
	cellSize     = 9.0
	lineHeight   = 5.0
	cellHeight   = 4.4
	cellPad      = 1.2
	contentsFrom = 6 // headings from which a page of contents is worth having
)

// headingSizes are those of levels 1 to 6.
var headingSizes = []float64{20, 16, 13, 12, 11, 10.5}

// printer writes a document as PDF. The fonts are Go's (BSD licence), which
// have the letters of English, Spanish, Garifuna and the Mayan languages.
type printer struct {
	*fpdf.Fpdf
	doc   document
	pages []int // of the headings, as the pass before found them
	found []int
	links []int
}

// pdf writes the document in two passes: the first finds out on which pages the
// headings come, for the page of contents. The same document gives the same
// bytes.
func (d document) pdf(w io.Writer) error {
	first := d.newPrinter(nil)
	first.print()
	if err := first.Error(); err != nil {
		return err
	}
	second := d.newPrinter(first.found)
	second.print()
	return second.Output(w)
}

func (d document) newPrinter(pages []int) *printer {
	p := &printer{Fpdf: fpdf.New("P", "mm", "A4", ""), doc: d, pages: pages}
	p.AddUTF8FontFromBytes("Go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("Go", "B", gobold.TTF)
	p.SetMargins(pageMargin, pageMargin, pageMargin)
	p.SetAutoPageBreak(true, pageFoot)
	p.SetTitle(d.title, true)
	p.SetLang(d.lang)
	p.SetProducer("Ceiba", true)
	p.SetCatalogSort(true)
	p.SetCreationDate(time.Unix(0, 0).UTC())
	p.SetModificationDate(time.Unix(0, 0).UTC())
	p.SetFooterFunc(p.foot)
	return p
}

func (p *printer) foot() {
	p.SetY(-pageFoot + 4)
	p.SetFont("Go", "", 8)
	p.CellFormat(0, 6, partHeading("page", p.doc.lang)+" "+strconv.Itoa(p.PageNo()), "", 0, "C", false, 0, "")
}

func (p *printer) print() {
	p.AddPage()
	if headings := p.headings(); len(headings) >= contentsFrom {
		p.contents(headings)
	}
	n := 0
	for _, part := range p.doc.parts {
		switch {
		case part.table != nil:
			p.table(part.table)
		case part.level > 0:
			p.heading(part, n)
			n++
		default:
			p.SetFont("Go", "", textSize)
			p.MultiCell(textWidth, lineHeight, drawable(part.text), "", "L", false)
			p.Ln(2)
		}
	}
}

func (p *printer) headings() (out []piece) {
	for _, part := range p.doc.parts {
		if part.level > 0 {
			out = append(out, part)
		}
	}
	return out
}

// contentsDepth is the deepest level that the contents show: commitments in a
// plan, parts in a commitment.
const contentsDepth = 3

// contents is the page of contents, with a link to each heading.
func (p *printer) contents(headings []piece) {
	p.SetFont("Go", "B", headingSizes[0])
	p.MultiCell(textWidth, 10, drawable(p.doc.title), "", "L", false)
	p.Ln(4)
	p.SetFont("Go", "B", headingSizes[1])
	p.MultiCell(textWidth, 9, drawable(partHeading("contents", p.doc.lang)), "", "L", false)
	for i, h := range headings {
		p.links = append(p.links, p.AddLink())
		if h.level > contentsDepth {
			continue
		}
		page := ""
		if i < len(p.pages) {
			page = strconv.Itoa(p.pages[i])
		}
		indent := 6 * float64(h.level-1)
		p.SetFont("Go", "", textSize)
		p.SetX(pageMargin + indent)
		p.CellFormat(textWidth-indent-15, 6.5, p.fit(h.text, textWidth-indent-16), "", 0, "L", false, p.links[i], "")
		p.CellFormat(15, 6.5, page, "", 1, "R", false, p.links[i], "")
	}
	p.AddPage()
}

// fit cuts a text to one line.
func (p *printer) fit(text string, width float64) string {
	runes := []rune(strings.Join(strings.Fields(drawable(text)), " "))
	if p.GetStringWidth(string(runes)) <= width {
		return string(runes)
	}
	for len(runes) > 1 && p.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// heading writes a heading, never alone at the foot of a page.
func (p *printer) heading(h piece, n int) {
	size := headingSizes[min(h.level, len(headingSizes))-1]
	if p.GetY() > pageMargin+pageBody-25 {
		p.AddPage()
	}
	p.found = append(p.found, p.PageNo())
	p.Bookmark(strings.Join(strings.Fields(drawable(h.text)), " "), h.level-p.doc.parts[0].level, -1)
	if n < len(p.links) {
		p.SetLink(p.links[n], -1, -1)
	}
	p.Ln(2)
	p.SetFont("Go", "B", size)
	p.MultiCell(textWidth, size*0.5, drawable(h.text), "", "L", false)
	p.Ln(1)
}

// table writes a table whose heading row comes again on each page. A row that
// no page can hold is written as text.
func (p *printer) table(rows [][]string) {
	widths := columnWidths(rows)
	p.row(rows[0], widths, "B")
	for _, row := range rows[1:] {
		p.SetFont("Go", "", cellSize)
		height := p.rowHeight(row, widths)
		switch {
		case height > pageBody-30:
			p.rowAsText(rows[0], row)
			continue
		case p.GetY()+height > pageMargin+pageBody:
			p.AddPage()
			p.row(rows[0], widths, "B")
		}
		p.row(row, widths, "")
	}
	p.Ln(3)
}

// narrowest is the width that a column has at least.
const narrowest = 22.0

// columnWidths shares the width by how much stands in each column: by the
// square root of its letters, so that short columns stay readable.
func columnWidths(rows [][]string) []float64 {
	weights, sum := make([]float64, len(rows[0])), 0.0
	for i := range weights {
		letters := 0
		for _, row := range rows {
			letters += len(row[i])
		}
		weights[i] = math.Sqrt(float64(letters))
		sum += weights[i]
	}
	free := textWidth - narrowest*float64(len(weights))
	for i, weight := range weights {
		weights[i] = narrowest + free*weight/sum
	}
	return weights
}

func (p *printer) rowHeight(row []string, widths []float64) (height float64) {
	for i, c := range row {
		lines := p.SplitText(drawable(c), widths[i]-2*cellPad)
		height = max(height, float64(max(len(lines), 1))*cellHeight+2*cellPad)
	}
	return height
}

func (p *printer) row(row []string, widths []float64, style string) {
	p.SetFont("Go", style, cellSize)
	height := p.rowHeight(row, widths)
	x, y := pageMargin, p.GetY()
	for i, c := range row {
		p.Rect(x, y, widths[i], height, "D")
		for n, line := range p.SplitText(drawable(c), widths[i]-2*cellPad) {
			p.SetXY(x+cellPad, y+cellPad+float64(n)*cellHeight)
			p.CellFormat(widths[i]-2*cellPad, cellHeight, line, "", 0, "L", false, 0, "")
		}
		x += widths[i]
	}
	p.SetXY(pageMargin, y+height)
}

func (p *printer) rowAsText(head, row []string) {
	for i, c := range row {
		if c != "" {
			p.SetFont("Go", "", cellSize)
			p.MultiCell(textWidth, cellHeight, drawable(head[i]+": "+c), "", "L", false)
		}
	}
	p.Ln(2)
}

// instead are letters that the font lacks and others that look like them: the
// saltillo and other apostrophes of Mayan languages, spaces, bullets.
var instead = map[rune]rune{
	'\ua78c': '’', '\ua78b': '’', 'ʼ': '’', 'ʻ': '‘', '\u2011': '-', '\u202f': ' ', '\u00a0': ' ', '\u2009': ' ', '➢': '•', '▪': '•', '●': '•', 'Ø': 'Ø',
}

// missing stands for a letter that cannot be drawn.
const missing = '□'

var theFont = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil // fpdf will say so
	}
	return f
})

// drawable is a text in letters that the font has.
func drawable(text string) string {
	var buf sfnt.Buffer
	font := theFont()
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		if r == '\t' {
			return ' '
		}
		if r < ' ' || r == '\u200b' || r == '\ufeff' || r == '\u00ad' {
			return -1
		}
		if font == nil {
			return r
		}
		if other, ok := instead[r]; ok {
			r = other
		}
		if i, err := font.GlyphIndex(&buf, r); err != nil || i == 0 || r > 0xffff {
			return missing
		}
		return r
	}, text)
}
