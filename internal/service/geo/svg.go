package geo

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// Mark is a point on a Map.
type Mark struct {
	Point Point
	Class string // of the stylesheet, such as "late"; it also settles the shape
	Title string // read aloud and shown on hover
	Href  string // where it leads; "" for nowhere
}

// Map is a drawing of the districts with points on it, which needs no script.
type Map struct {
	ID    string // in the page, so that the ids of two maps differ; default "map"
	Title string
	Desc  string // what the map shows, for those who do not see it
	// Names gives the names of districts by code; missing ones are in English.
	Names map[string]string
	// Href leads from a district; nil for no links.
	Href func(code string) string
	// Values gives districts a class, such as "v3" of a choropleth, by code.
	Values map[string]string
	// Focus shows one district, by its code; "" shows the country.
	Focus string
	// Labels writes the districts' names on the map.
	Labels bool
	// Classes lists the classes of marks in the order of their shapes. Others
	// follow in the order of their names.
	Classes []string
	Marks   []Mark
}

// Shapes are the names of the forms that marks take, the first class's first,
// so that a legend can say them. Past the last they begin again.
var Shapes = []string{"circle", "square", "triangle", "diamond", "cross", "star"}

// shapePaths draws each shape around 0,0 about 10 units wide.
var shapePaths = []string{
	"M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", "M-4.5-4.5h9v9h-9z", "M0-6 5.5 4.5h-11z", "M0-6.5 5.5 0 0 6.5-5.5 0z",
	"M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z", "M0-6.5 1.8-2 6.4-2 2.8 1 4 5.6 0 3-4 5.6-2.8 1-6.4-2-1.8-2z",
}

const (
	mapWidth  = 360.0 // units of the drawing
	mapMargin = 6.0
)

// canvas turns degrees into units of the drawing: longitudes are shrunk by the
// cosine of the middle latitude, so that shapes keep their form.
type canvas struct {
	box    Box
	scale  float64 // units per degree of latitude
	shrink float64
	height float64
}

func newCanvas(box Box) canvas {
	c := canvas{box: box, shrink: math.Cos(box.Center().Lat * radian)}
	c.scale = (mapWidth - 2*mapMargin) / max(1e-6, (box.East-box.West)*c.shrink)
	c.height = math.Ceil((box.North-box.South)*c.scale + 2*mapMargin)
	return c
}

// at returns the place of a point in tenths of a unit, which keep the text short.
func (c canvas) at(p Point) (x, y int) {
	return int(math.Round(10 * (mapMargin + (p.Lon-c.box.West)*c.shrink*c.scale))), int(math.Round(10 * (mapMargin + (c.box.North-p.Lat)*c.scale)))
}

// SVG draws the map. Colours are the stylesheet's: the elements have the classes
// map, district, mark and label, and whatever Values and Marks add. A map with
// links is a group of them; one without is a single image. The same Map gives
// the same bytes. Marks outside what is shown are left out.
func SVG(w io.Writer, m Map) error {
	if m.ID == "" {
		m.ID = "map"
	}
	out := &drawing{w: bufio.NewWriter(w), m: m, canvas: newCanvas(m.extent())}
	out.open()
	for _, d := range atlas().districts {
		if m.Focus == "" || d.Code == m.Focus {
			out.district(d)
		}
	}
	out.marks()
	out.printf(`<text class="credit" x="%d" y="%d">%s</text></svg>`, int(mapMargin), int(out.canvas.height)+10, Attribution)
	return out.w.Flush()
}

// extent is the box of what is shown.
func (m Map) extent() Box {
	if d, ok := DistrictByCode(m.Focus); ok {
		return d.Bounds
	}
	districts := atlas().districts
	b := districts[0].Bounds
	for _, d := range districts {
		b = b.Include(Point{d.Bounds.South, d.Bounds.West}).Include(Point{d.Bounds.North, d.Bounds.East})
	}
	return b
}

// linked reports whether anything on the map can be followed.
func (m Map) linked() bool {
	return m.Href != nil || slices.ContainsFunc(m.Marks, func(k Mark) bool { return k.Href != "" })
}

// drawing writes one map.
type drawing struct {
	w      *bufio.Writer
	m      Map
	canvas canvas
}

// printf writes to the buffer, which keeps the first error for Flush.
func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(d.w, format, args...) }

func (d *drawing) open() {
	role := "img"
	if d.m.linked() {
		role = "group" // the links within an image would not be reachable
	}
	id := html.EscapeString(d.m.ID)
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" class="map" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="%[3]s" aria-labelledby="%[4]s-t`,
		int(mapWidth), int(d.canvas.height)+14, role, id)
	if d.m.Desc != "" {
		d.printf(` %s-d`, id)
	}
	d.printf(`"><title id="%s-t">%s</title>`, id, html.EscapeString(d.m.Title))
	if d.m.Desc != "" {
		d.printf(`<desc id="%s-d">%s</desc>`, id, html.EscapeString(d.m.Desc))
	}
}

// district draws one outline, as a link where the map has them.
func (d *drawing) district(x District) {
	name := d.m.Names[x.Code]
	if name == "" {
		name = x.Name
	}
	class := strings.TrimSpace("district " + d.m.Values[x.Code])
	href := ""
	if d.m.Href != nil {
		href = d.m.Href(x.Code)
	}
	d.link(href)
	d.printf(`<g class="%s"><title>%s</title><path d="%s"/>`, html.EscapeString(class), html.EscapeString(name), d.canvas.outline(x.shape))
	if d.m.Labels {
		lx, ly := d.canvas.at(x.Label)
		d.printf(`<text class="label" x="%s" y="%s">%s</text>`, tenth(lx), tenth(ly), html.EscapeString(name))
	}
	d.printf(`</g>`)
	d.unlink(href)
}

func (d *drawing) link(href string) {
	if href != "" {
		d.printf(`<a href="%s">`, html.EscapeString(href))
	}
}

func (d *drawing) unlink(href string) {
	if href != "" {
		d.printf(`</a>`)
	}
}

// outline writes the path of a shape, simplified to half a unit, in steps from
// point to point. Rings too small to see are left out.
func (c canvas) outline(shape orb.MultiPolygon) string {
	simple := simplify.DouglasPeucker(0.6 / c.scale).MultiPolygon(shape.Clone())
	var b strings.Builder
	for _, polygon := range simple {
		for _, ring := range polygon {
			bound := ring.Bound()
			if len(ring) >= 4 && (bound.Max[1]-bound.Min[1])*c.scale >= 1 {
				c.ring(&b, ring)
			}
		}
	}
	return b.String()
}

func (c canvas) ring(b *strings.Builder, ring orb.Ring) {
	x, y := c.at(latLon(ring[0]))
	b.WriteString("M" + pair(x, y) + "l")
	lead := ""
	for _, p := range ring[1 : len(ring)-1] {
		nx, ny := c.at(latLon(p))
		step := pair(nx-x, ny-y)
		if step == "0 0" {
			continue
		}
		if lead != "" && step[0] == '-' {
			lead = "" // the sign divides
		}
		b.WriteString(lead + step)
		lead, x, y = " ", nx, ny
	}
	b.WriteString("z")
}

// pair writes two tenths of units as short as SVG allows.
func pair(x, y int) string {
	if y < 0 {
		return tenth(x) + tenth(y)
	}
	return tenth(x) + " " + tenth(y)
}

// tenth writes n tenths: 35 as 3.5, -4 as -.4, 20 as 2.
func tenth(n int) string {
	s := strconv.FormatFloat(float64(n)/10, 'f', -1, 64)
	s = strings.Replace(s, "-0.", "-.", 1)
	if strings.HasPrefix(s, "0.") {
		s = s[1:]
	}
	return s
}

// marks draws the points from north to south, so that a keyboard walks them as
// the eye does, and the lower ones stand in front.
func (d *drawing) marks() {
	order := d.classes()
	marks := slices.Clone(d.m.Marks)
	slices.SortStableFunc(marks, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(b.Point.Lat, a.Point.Lat), cmp.Compare(a.Point.Lon, b.Point.Lon), strings.Compare(a.Title, b.Title))
	})
	for _, k := range marks {
		if !d.canvas.box.Contains(k.Point) {
			continue
		}
		x, y := d.canvas.at(k.Point)
		shape := slices.Index(order, k.Class) % len(shapePaths)
		d.link(k.Href)
		d.printf(`<path class="%s" transform="translate(%s %s)" d="%s">`, html.EscapeString(strings.TrimSpace("mark "+k.Class)), tenth(x), tenth(y), shapePaths[shape])
		d.printf(`<title>%s</title></path>`, html.EscapeString(k.Title))
		d.unlink(k.Href)
	}
}

// classes returns the classes of the marks in the order of their shapes.
func (d *drawing) classes() []string {
	order := slices.Clone(d.m.Classes)
	var others []string
	for _, k := range d.m.Marks {
		if !slices.Contains(order, k.Class) && !slices.Contains(others, k.Class) {
			others = append(others, k.Class)
		}
	}
	slices.Sort(others)
	return append(order, others...)
}
