package contact

import (
	"strings"
	"testing"
)

func TestEmail(t *testing.T) {
	for in, want := range map[string]string{
		"Ana@Example.ORG": "ana@example.org", " x+y@a.bz ": "x+y@a.bz", "a@münchen.example": "a@xn--mnchen-3ya.example",
		"": "", "a": "", "a@": "", "@b.c": "", "a@b": "", "a b@c.d": "", "a@b.c\r\nBcc: x@y.z": "", "\u212aelvin@a.bz": "",
		"é@a.bz": "", "a@b@c.d": "", "<a@b.c>": "", "a@b.c.": "", strings.Repeat("a", 65) + "@b.c": "", ".a@b.c": "",
	} {
		_, key, good := Email(in)
		if key != want || good != (want != "") {
			t.Errorf("%q gives %q %t, want %q", in, key, good, want)
		}
	}
}

func TestPhone(t *testing.T) {
	for in, want := range map[string]string{
		"622 1234": "5016221234", "+501 622-1234": "5016221234", "00501 6221234": "5016221234", "+44 (20) 7946 0018": "442079460018",
		"12": "", "call me": "", "+501 622-12e4": "",
	} {
		if got, good := Phone(in); good != (want != "") || good && got != want {
			t.Errorf("%q gives %q %t, want %q", in, got, good, want)
		}
	}
}

func TestDevice(t *testing.T) {
	for in, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36":              "Chrome, Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                            "Firefox, Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit Version/17.5 Mobile Safari/604": "Safari, iPhone",
		"<script>": "",
	} {
		if got := Device(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
