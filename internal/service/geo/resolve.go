package geo

import (
	"context"
	"errors"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
)

// How is the way by which Resolve found a point.
type How string

// The ways, in the order they are tried.
const (
	ByCoordinates How = "coordinates"
	ByID          How = "id"
	ByMile        How = "mile"
	ByPlace       How = "place"
	ByDistrict    How = "district"
	BySpelling    How = "spelling" // the name was completed or corrected: ask "did you mean?"
)

// Answer is where something is.
type Answer struct {
	How      How
	Point    Point
	District string  // ISO code; "" outside Belize
	Place    *Place  // for ByID, ByPlace and BySpelling
	Reading  Reading // for ByCoordinates
	Mile     Mile    // for ByMile
}

// Ambiguous is the error of Resolve when a name means several places. It is
// also a fault of kind Invalid whose sentence lists them.
type Ambiguous struct {
	Name    string
	Choices []Place // the best first, at most maxChoices
}

// maxChoices is how many places an Ambiguous offers.
const maxChoices = 9

// Error gives the text for the log.
func (a *Ambiguous) Error() string { return a.Unwrap().Error() }

// Unwrap gives the fault.
func (a *Ambiguous) Unwrap() error {
	titles := make([]string, len(a.Choices))
	for i, p := range a.Choices {
		titles[i] = p.Title()
	}
	return fault.New(fault.Invalid, "geo.place_ambiguous", "name", a.Name, "choices", strings.Join(titles, "; "))
}

// Resolve finds the one place that text means: coordinates in any form that
// ParsePoint reads, the id of a place, a mile of a highway, a place name with or
// without its district, or a district. A name that means several places is an
// *Ambiguous; one that means none is a fault of kind NotFound.
func Resolve(ctx context.Context, tx *db.Tx, text string) (Answer, error) {
	text = strings.TrimSpace(text)
	if r, err := ParsePoint(text); err == nil {
		a := answerAt(ByCoordinates, r.Point)
		a.Reading = r
		return a, nil
	}
	if id.Valid(text) {
		p, err := PlaceByID(ctx, tx, text)
		if errors.Is(err, db.ErrNotFound) {
			err = notFound(text)
		}
		return placeAnswer(ByID, p), err
	}
	mile, found, err := FindMile(ctx, tx, text)
	if err != nil {
		return Answer{}, err
	}
	if found {
		a := answerAt(ByMile, mile.Point)
		a.Mile = mile
		return a, nil
	}
	return resolveName(ctx, tx, text)
}

func resolveName(ctx context.Context, tx *db.Tx, text string) (Answer, error) {
	matches, err := Search(ctx, tx, text, 50)
	if err != nil {
		return Answer{}, err
	}
	d, isDistrict := ParseDistrict(text)
	if isDistrict && (len(matches) == 0 || matches[0].Fit > FitAlt) {
		return Answer{How: ByDistrict, Point: d.Label, District: d.Code}, nil
	}
	if len(matches) == 0 {
		return Answer{}, notFound(text)
	}
	best := distinct(equals(matches))
	if len(best) > 1 {
		return Answer{}, &Ambiguous{Name: best[0].Name, Choices: best[:min(maxChoices, len(best))]}
	}
	how := ByPlace
	if matches[0].Fit > FitAlt {
		how = BySpelling
	}
	return placeAnswer(how, best[0]), nil
}

// equals returns the matches that nothing sets apart from the first: those that
// fit as well and, if it is a settlement, are settlements too.
func equals(matches []Match) []Place {
	first := matches[0]
	var out []Place
	for _, m := range matches {
		if m.Fit == first.Fit && m.Edits == first.Edits && settlement(m.Kind) == settlement(first.Kind) {
			out = append(out, m.Place)
		}
	}
	return out
}

func settlement(k Kind) bool { return k == Town || k == Village || k == Neighbourhood }

// sameSpot is how near, in metres, two entries of one name lie when they are
// taken for one place that its source lists twice.
const sameSpot = 2000

// distinct leaves out places that another of the same name stands for.
func distinct(places []Place) []Place {
	var out []Place
next:
	for _, p := range places {
		for _, q := range out {
			if foldName(p.Name) == foldName(q.Name) && p.District == q.District && Distance(p.Point, q.Point) <= sameSpot {
				continue next
			}
		}
		out = append(out, p)
	}
	return out
}

func answerAt(how How, p Point) Answer {
	a := Answer{How: how, Point: p}
	if d, ok := DistrictAt(p); ok {
		a.District = d.Code
	}
	return a
}

func placeAnswer(how How, p Place) Answer {
	return Answer{How: how, Point: p.Point, District: p.District, Place: &p}
}

func notFound(text string) error {
	return fault.New(fault.NotFound, "geo.place_not_found", "text", text)
}
