package geo

import "math"

// zone16 is UTM zone 16 north (EPSG:32616), the grid of Belizean survey plans,
// on the WGS84 ellipsoid: central meridian 87° W, scale 0.9996, false easting
// 500 km.
var zone16 = transverseMercator(6378137, 1/298.257223563)

const (
	zone16Meridian = -87.0
	zone16Scale    = 0.9996
	zone16Easting  = 500_000.0
)

// mercator holds Krüger's series for one ellipsoid to the fourth order, good
// to less than a millimetre within 3,000 km of the meridian.
type mercator struct {
	radius         float64 // of the rectifying sphere
	alpha, beta    [4]float64
	eccentricity   float64
	toGeographical [4]float64 // from conformal latitude
}

func transverseMercator(a, f float64) mercator {
	n := f / (2 - f)
	n2, n3, n4 := n*n, n*n*n, n*n*n*n
	return mercator{
		radius:       a / (1 + n) * (1 + n2/4 + n4/64),
		eccentricity: math.Sqrt(f * (2 - f)),
		alpha: [4]float64{
			n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180, 13*n2/48 - 3*n3/5 + 557*n4/1440,
			61*n3/240 - 103*n4/140, 49561 * n4 / 161280,
		},
		beta: [4]float64{
			n/2 - 2*n2/3 + 37*n3/96 - n4/360, n2/48 + n3/15 - 437*n4/1440,
			17*n3/480 - 37*n4/840, 4397 * n4 / 161280,
		},
		toGeographical: [4]float64{
			2*n - 2*n2/3 - 2*n3 + 116*n4/45, 7*n2/3 - 8*n3/5 - 227*n4/45,
			56*n3/15 - 136*n4/35, 4279 * n4 / 630,
		},
	}
}

// ToUTM16 returns the easting and northing of p in metres in UTM zone 16 north.
// It is meant for Belize and its neighbours: far from 87° W the grid is of no
// use.
func ToUTM16(p Point) (easting, northing float64) {
	m := zone16
	sin := math.Sin(p.Lat * radian)
	t := math.Sinh(math.Atanh(sin) - m.eccentricity*math.Atanh(m.eccentricity*sin))
	dLon := (p.Lon - zone16Meridian) * radian
	xi0 := math.Atan2(t, math.Cos(dLon))
	eta0 := math.Atanh(math.Sin(dLon) / math.Hypot(1, t))
	xi, eta := xi0, eta0
	for j, a := range m.alpha {
		k := 2 * float64(j+1)
		xi += a * math.Sin(k*xi0) * math.Cosh(k*eta0)
		eta += a * math.Cos(k*xi0) * math.Sinh(k*eta0)
	}
	r := zone16Scale * m.radius
	return zone16Easting + r*eta, r * xi
}

// FromUTM16 returns the point at an easting and northing, in metres, of UTM
// zone 16 north.
func FromUTM16(easting, northing float64) Point {
	m := zone16
	r := zone16Scale * m.radius
	xi, eta := northing/r, (easting-zone16Easting)/r
	xi0, eta0 := xi, eta
	for j, b := range m.beta {
		k := 2 * float64(j+1)
		xi0 -= b * math.Sin(k*xi) * math.Cosh(k*eta)
		eta0 -= b * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	chi := math.Asin(math.Sin(xi0) / math.Cosh(eta0))
	lat := chi
	for j, d := range m.toGeographical {
		lat += d * math.Sin(2*float64(j+1)*chi)
	}
	return Point{Lat: lat / radian, Lon: zone16Meridian + math.Atan2(math.Sinh(eta0), math.Cos(xi0))/radian}
}
