package web

import (
	"errors"
	"net/http/httptest"
	"testing"

	"ceiba/internal/ground/db"
)

func TestReadable(t *testing.T) {
	for _, path := range []string{"/a/%00", "/a/%ff", "/a/%ed%a0%80/b"} {
		if _, err := readable(httptest.NewRequest("GET", path, nil)); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for asked, want := range map[string]string{
		"a=%00b%ffc&a=d": "a=bc&a=d", "a=%C3%B1+x": "a=%C3%B1+x", "": "", "a=%zz&b=1": "b=1",
	} {
		r, err := readable(httptest.NewRequest("GET", "/x?"+asked, nil))
		if err != nil || r.URL.RawQuery != want {
			t.Errorf("%q: %q %v", asked, r.URL.RawQuery, err)
		}
	}
}
