// Package tabletest makes tables for tests and benchmarks: always the same
// for the same number of rows, with the shape of a Belizean register of
// service requests. The places are real, the requests are made up.
package tabletest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"
)

// Header is the first line of the file that Requests writes.
const Header = "id,created_at,reported_on,district,category,status,channel,priority,cost,lat,lon,description\n"

// Spoil says which lines of the file to spoil, as data rows counted from 1;
// 0 leaves all well.
type Spoil struct {
	Ragged int // this row ends after the status
	NA     int // this row says N/A for created_at
}

type town struct {
	name, district string
	lat, lon       float64
	weight         int
}

var towns = []town{
	{"Belize City", "Belize", 17.4995, -88.1976, 60},
	{"San Pedro", "Belize", 17.9214, -87.9611, 18},
	{"Belmopan", "Cayo", 17.2510, -88.7590, 22},
	{"San Ignacio", "Cayo", 17.1588, -89.0697, 20},
	{"Benque Viejo", "Cayo", 17.0750, -89.1392, 7},
	{"Orange Walk", "Orange Walk", 18.0812, -88.5633, 14},
	{"Corozal", "Corozal", 18.3937, -88.3885, 11},
	{"Dangriga", "Stann Creek", 16.9697, -88.2336, 10},
	{"Hopkins", "Stann Creek", 16.8589, -88.2817, 3},
	{"Punta Gorda", "Toledo", 16.0983, -88.8099, 6},
}

var (
	categories = []string{"pothole", "street light", "water leak", "drainage", "garbage", "stray dogs", "noise", "flooding", "bridge", "road sign", "tree down", "health post"}
	statuses   = []string{"open", "in progress", "closed", "rejected"}
	channels   = []string{"app", "phone", "whatsapp", "office", "web"}
	words      = []string{
		"water", "standing", "near", "the", "school", "market", "bridge", "road", "broken", "since", "Monday", "heavy", "rain", "children",
		"walk", "dark", "corner", "hospital", "bus", "stop", "smell", "river", "Garífuna", "council", "village", "carretera", "señal", "caída", "mercado", "again",
	}
)

// Requests writes n rows of 12 columns (about 165 bytes each) as CSV to w,
// the header first.
func Requests(w io.Writer, n int, spoil Spoil) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString(Header)
	r := rand.New(rand.NewPCG(17, 88))
	total := 0
	for _, t := range towns {
		total += t.weight
	}
	start := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	step := 7 * 365 * 24 * time.Hour / time.Duration(max(n, 1))
	var b []byte
	for i := 1; i <= n; i++ {
		at := start.Add(time.Duration(i) * step).Add(time.Duration(r.IntN(3600)) * time.Second)
		b = appendRequest(b[:0], r, i, at, pick(r, total), spoil)
		if _, err := out.Write(b); err != nil {
			return fmt.Errorf("write requests: %w", err)
		}
	}
	return out.Flush()
}

func pick(r *rand.Rand, total int) town {
	k := r.IntN(total)
	for _, t := range towns {
		if k -= t.weight; k < 0 {
			return t
		}
	}
	return towns[0]
}

func appendRequest(b []byte, r *rand.Rand, i int, at time.Time, t town, spoil Spoil) []byte {
	b = strconv.AppendInt(b, int64(i), 10)
	b = append(b, ',')
	if i == spoil.NA {
		b = append(b, "N/A"...)
	} else {
		b = at.AppendFormat(b, "2006-01-02 15:04:05")
	}
	b = append(b, ',')
	b = at.AddDate(0, 0, -r.IntN(10)).AppendFormat(b, "2006-01-02")
	for _, s := range []string{t.district, categories[r.IntN(len(categories))], statuses[r.IntN(len(statuses))]} {
		b = append(append(b, ','), s...)
	}
	if i == spoil.Ragged {
		return append(b, '\n')
	}
	b = append(append(b, ','), channels[r.IntN(len(channels))]...)
	b = strconv.AppendInt(append(b, ','), int64(1+r.IntN(5)), 10)
	b = strconv.AppendFloat(append(b, ','), float64(r.IntN(5_000_000))/100, 'f', 2, 64)
	b = strconv.AppendFloat(append(b, ','), t.lat+r.NormFloat64()*0.02, 'f', 6, 64)
	b = strconv.AppendFloat(append(b, ','), t.lon+r.NormFloat64()*0.02, 'f', 6, 64)
	b = append(b, ',')
	for k := range 5 + r.IntN(8) {
		if k > 0 {
			b = append(b, ' ')
		}
		b = append(b, words[r.IntN(len(words))]...)
	}
	b = append(append(b, " in "...), t.name...)
	return append(b, '\n')
}
