package assets

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// palettes reads the colours of src/part/tokens.css: the light ones, and the dark
// ones over them.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("src/part/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	token := regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{6})`)
	read := func(s string, into map[string]string) {
		for _, m := range token.FindAllStringSubmatch(s, -1) {
			into[m[1]] = m[2]
		}
	}
	before, after, ok := strings.Cut(string(text), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("tokens.css has no dark palette")
	}
	light, dark := map[string]string{}, map[string]string{}
	read(before, light)
	read(before, dark)
	own := map[string]string{}
	read(after, own)
	for k, v := range own {
		dark[k] = v
	}
	for k := range light {
		if own[k] == "" {
			t.Errorf("--%s has no dark partner", k)
		}
	}
	return map[string]map[string]string{"light": light, "dark": dark}
}

// luminance is WCAG's relative luminance of #rrggbb.
func luminance(hex string) float64 {
	part := func(i int) float64 {
		v, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			return math.NaN()
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	const aaa, aa, shape = 7.0, 4.5, 3.0
	type pair struct {
		fore, back string
		least      float64
	}
	var pairs []pair
	for _, back := range []string{"paper", "surface", "sunk"} {
		pairs = append(pairs, pair{"ink", back, aaa}, pair{"quiet", back, aaa}, pair{"edge", back, shape})
		for _, fore := range []string{"action", "done", "attention", "late", "going", "action-deep"} {
			pairs = append(pairs, pair{fore, back, aa})
		}
	}
	for _, tone := range []string{"done", "attention", "late", "going"} {
		pairs = append(pairs, pair{tone, tone + "-soft", aa}, pair{"ink", tone + "-soft", aaa})
	}
	pairs = append(pairs,
		pair{"on-action", "action", aa}, pair{"on-action", "action-deep", aa}, pair{"paper", "late", aa},
		pair{"on-deep", "deep", aaa}, pair{"action", "paper", aaa}, pair{"edge", "land", shape}, pair{"action", "land", shape},
		pair{"late", "land", shape}, pair{"attention", "land", shape}, pair{"done", "land", shape})
	for i := 1; i <= 6; i++ {
		pairs = append(pairs, pair{fmt.Sprintf("on%d", i), fmt.Sprintf("s%d", i), aa})
	}
	for _, s := range []string{"s1", "s3", "s5"} { // the series that stand alone: bars, lines, dots
		pairs = append(pairs, pair{s, "paper", shape})
	}
	for scheme, colours := range palettes(t) {
		for _, p := range pairs {
			fore, back := colours[p.fore], colours[p.back]
			if fore == "" || back == "" {
				t.Errorf("%s: no colour --%s or --%s", scheme, p.fore, p.back)
				continue
			}
			if c := contrast(fore, back); c < p.least {
				t.Errorf("%s: --%s on --%s has %.2f, wants %.1f", scheme, p.fore, p.back, c, p.least)
			}
		}
	}
}

// Neighbours in a stacked bar must differ in grey, as a black-and-white printer
// shows them, and the ribbon's ink is the same in both schemes.
func TestSeriesDifferInGrey(t *testing.T) {
	for scheme, colours := range palettes(t) {
		for i := 1; i < 6; i++ {
			a, b := fmt.Sprintf("s%d", i), fmt.Sprintf("s%d", i+1)
			if c := contrast(colours[a], colours[b]); c < 1.8 {
				t.Errorf("%s: --%s beside --%s has %.2f in grey", scheme, a, b, c)
			}
		}
		if c := contrast("#0f2e38", colours["sun"]); c < 7 {
			t.Errorf("%s: the ribbon has %.2f", scheme, c)
		}
	}
}

// dichromat gives a colour as people without long- or medium-wave cones see it
// (Viénot, Brettel and Mollon 1999, on linear RGB).
func dichromat(hex string, protan bool) [3]float64 {
	var rgb [3]float64
	for i := range rgb {
		v, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		rgb[i] = math.Pow(float64(v)/255, 2.2)
	}
	r, g, b := rgb[0], rgb[1], rgb[2]
	if protan {
		y := 0.11238*r + 0.88762*g
		return [3]float64{y, y, 0.00401*r - 0.00401*g + b}
	}
	y := 0.29275*r + 0.70725*g
	return [3]float64{y, y, -0.02234*r + 0.02234*g + b}
}

// All series must be told apart by colour-blind readers too; the patterns laid
// over every second and third help, but are not needed.
func TestSeriesSurviveColourBlindness(t *testing.T) {
	distance := func(a, b [3]float64) float64 {
		sum := 0.0
		for i := range a {
			d := math.Cbrt(a[i]) - math.Cbrt(b[i]) // near to how brightness is felt
			sum += d * d
		}
		return math.Sqrt(sum)
	}
	for scheme, colours := range palettes(t) {
		for _, protan := range []bool{true, false} {
			for i := 1; i <= 6; i++ {
				for j := i + 1; j <= 6; j++ {
					a, b := fmt.Sprintf("s%d", i), fmt.Sprintf("s%d", j)
					if d := distance(dichromat(colours[a], protan), dichromat(colours[b], protan)); d < 0.1 {
						t.Errorf("%s: --%s and --%s are %.2f apart (protan %v)", scheme, a, b, d, protan)
					}
				}
			}
		}
	}
}
