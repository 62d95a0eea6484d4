package ogpfile

import (
	"io"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/service/table/csv"
)

// Commitment is one of our own commitments as OGP's table wants it: the 19
// columns of identity and the tags. What is empty is written as OGP writes what
// does not apply, NA.
type Commitment struct {
	ID         string // of OGP's own, if it gave one; else left to OGP as NA
	Member     string // Belize
	Code       string // BLZ: ISO 3166-1 alpha-3, or the four letters of a local member
	Region     string // Americas
	Level      string // National, Local or Other
	Plan       int    // number of the action plan, from 1
	Number     string
	Submitted  int // year
	EndYear    int
	Duration   int // years
	Theme      string
	Title      string
	Short      string
	Text       string
	Start, End time.Time // zero if not set
	Lead       []string
	Supporting []string
	Tags       []Column // the areas above them are set as well
}

// WriteCommitments writes our own plan in OGP's shape: 19 columns of identity
// and 86 tags, under OGP's headings and in its order, with its line ends. The
// codes that follow in OGP's table are for its reviewers to give. What people
// wrote is guarded against spreadsheets (csv.Guard), and read back without it
// (Row.Text); OGP's own rows are written as they stood (File.Write).
func WriteCommitments(w io.Writer, list []Commitment) error {
	head := line{end: "\r\n"}
	for _, c := range columns[:identityColumns+len(tags)] {
		head.cells = append(head.cells, string(c))
	}
	if err := head.write(w); err != nil {
		return err
	}
	for _, c := range list {
		if err := (line{cells: append(c.identity(), c.tagCells()...), end: "\r\n"}).write(w); err != nil {
			return err
		}
	}
	return nil
}

func (c Commitment) identity() []string {
	cells := []string{
		c.ID, c.Member, number(c.Plan), c.Number, c.Code, c.Region, c.Level, "1", number(c.Submitted), number(c.EndYear), number(c.Duration),
		c.Theme, c.Title, c.Short, c.Text, day(c.Start), day(c.End), strings.Join(c.Lead, "; "), strings.Join(c.Supporting, "; "),
	}
	for i, cell := range cells {
		if cells[i] = csv.Guard(cell); cell == "" {
			cells[i] = "NA"
		}
	}
	return cells
}

func (c Commitment) tagCells() []string {
	set := map[Column]bool{}
	for _, t := range WithParents(c.Tags) {
		set[t] = true
	}
	out := make([]string, len(tags))
	for i, t := range tags {
		out[i] = yes(set[t.Column])
	}
	return out
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return OGPDate(t)
}
