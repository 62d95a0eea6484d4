package check

import "testing"

// TestFormats: what Python's jsonschema says with rfc3987 and rfc3339-validator,
// which lib-cove-ocds uses.
func TestFormats(t *testing.T) {
	try := func(format func(string) bool, want bool, texts ...string) {
		for _, s := range texts {
			if format(s) != want {
				t.Errorf("%q: %v", s, !want)
			}
		}
	}
	try(isURI, true,
		"http://example.org", "https://x.org/?q=1#f", "HTTP://X", "mailto:a@b.c", "urn:isbn:12", "a:b",
		"a:", "http://", "http:///path", "http://[::1]/", "http://[::1]:80/", "http://[v1.a:b]/",
		"http://u:p@h:8080/x", "http://h:/", "http://a%2f/", "http://a/b?c?d", "http://a//b///c", "file:///c:/x",
		"tel:+1-2", "http://a_b.c/", "http://:80/", "http://@/", "x+y.z-1:q", "http://a/b;c=d,e",
		"http://a/'(*)!$&", "data:,a%20b", "http://1.2.3.4:5/", "http://[::ffff:1.2.3.4]/",
	)
	try(isURI, false,
		"http://example.org/a b", "http://a.org/é", "www.x.org", "//x.org/a", "/a/b", "1a:b",
		"http://[zz]/", "http://[::1%25eth0]/", "http://u@v@h/", "http://h:80a/", "http://a%2", "http://a%zz",
		"http://a/[b]", "http://a/?[b]", "http://a/#[b]", "http://a\\b", "http://a/{b}", "http://a/|",
		"http://a/^", "http://a/`", "http://a/\"", "http://a/<b>", "http://a/b#c#d", "http://a.b:80:90/",
		"é:a", "a:é", "", "  ", " http://a", "http://a ",
		"http://[1::2::3]/", "http://[::1", "http://a]/",
	)
	try(isDateTime, true,
		"2016-01-01T00:00:00Z", "2016-01-01T00:00:00z", "2016-01-01t00:00:00Z", "2016-01-01T00:00:00+00:00", "2016-01-01T00:00:00-05:30", "2016-01-01T00:00:00+23:59",
		"2016-02-29T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999999Z", "2016-01-01T00:00:00.123+01:00",
	)
	try(isDateTime, false,
		"2016-01-01T00:00:00+24:00", "2016-01-01T24:00:00Z", "2016-01-01T23:59:60Z", "2016-02-30T00:00:00Z", "2015-02-29T00:00:00Z", "0000-01-01T00:00:00Z",
		"2016-01-01T00:00:00.Z", "2016-01-01T00:00:00,5Z", "2016-01-01", "2016-01-01T00:00:00", "2016-01-01 00:00:00Z", "2016-1-1T00:00:00Z",
		"16-01-01T00:00:00Z", "2016-01-01T00:00Z", "2016-01-01T00:00:00+0000", "2016-01-01T00:00:00+00", "2016-13-01T00:00:00Z", "2016-00-01T00:00:00Z",
		"2016-01-00T00:00:00Z", "2016-01-01T00:00:00Zx", " 2016-01-01T00:00:00Z", "", "٢٠١٦-01-01T00:00:00Z", "12016-01-01T00:00:00Z",
		"2016-01-01T1:00:00Z", "2016-01-01T00:60:00Z", "2016-01-01T00:00:00 Z", "2016-01-01T00:00:00+01:60",
	)
}

// TestFormatRules: what people read about texts that are not of the format.
func TestFormatRules(t *testing.T) {
	for s, want := range map[string]string{
		"": "date.empty", " ": "date.empty", "2016-02-29": "date.day", "2016-02-30": "date.other", "2016-02-29T10:00:00": "date.zone", "2016-02-29 10:00:00": "date.zone", "soon": "date.other",
	} {
		if got := dateRule(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
	for s, want := range map[string]string{"": "uri.empty", "www.example.org": "uri.other", "http://example.org/a b": "uri.characters"} {
		if got := uriRule(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}
