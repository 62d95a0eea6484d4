// Package civil counts days of the calendar, without hours or zones: windows of
// days over a million payments are sums of whole numbers. It reads and writes
// YYYY-MM-DD from the year 1 to 9999 and nothing else.
package civil

import "fmt"

// Date is a day: 1 is the first of January of the year 1, in the calendar used
// today. The zero Date is no day.
type Date int32

// Of gives a day, or none if the calendar lacks it.
func Of(year, month, day int) Date {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0
	}
	return number(year, month, day)
}

// Parse reads YYYY-MM-DD. It tells whether that is a day.
func Parse(s string) (Date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, okY := digits(s[:4])
	m, okM := digits(s[5:7])
	d, okD := digits(s[8:])
	if !okY || !okM || !okD {
		return 0, false
	}
	day := Of(y, m, d)
	return day, day != 0
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, true
}

// String writes YYYY-MM-DD, or nothing for no day.
func (d Date) String() string {
	if d <= 0 {
		return ""
	}
	y, m, day := d.Split()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, day)
}

// number counts from March on, so that the leap day comes last:
// Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, days_from_civil.
func number(y, m, d int) Date {
	if m <= 2 {
		y--
	}
	era, yoe := y/400, y%400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	return Date(era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 305)
}

// Split gives year, month and day of the month; zeros for no day.
func (d Date) Split() (year, month, day int) {
	if d <= 0 {
		return 0, 0, 0
	}
	z := int(d) + 305
	era, doe := z/146097, z%146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, day = yoe+era*400, (mp+2)%12+1, doy-(153*mp+2)/5+1
	if month <= 2 {
		year++
	}
	return year, month, day
}

// Weekend tells a Saturday or Sunday.
func (d Date) Weekend() bool {
	day := (int(d) - 1) % 7 // the first day of all was a Monday
	return d > 0 && day >= 5
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
