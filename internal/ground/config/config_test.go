package config

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, x := range []struct {
		s    Serve
		want string
	}{
		{Serve{Listen: "127.0.0.1:8080", Demo: true}, ""},
		{Serve{Listen: "[::1]:8080", Demo: true}, ""},
		{Serve{Listen: "0.0.0.0:8080", Demo: true}, "127.0.0.1 only"},
		{Serve{Listen: ":8080", Demo: true}, "127.0.0.1 only"},
		{Serve{Listen: "127.0.0.1:8080", Demo: true, DemoDate: "2027-03-31"}, ""},
		{Serve{Listen: "127.0.0.1:8080", DemoDate: "2027-03-31"}, "needs --demo"},
		{Serve{Listen: "127.0.0.1:8080", Demo: true, DemoDate: "2027-02-29"}, "not a day"},
		{Serve{Listen: "127.0.0.1:8080", Demo: true, DemoDate: "0027-02-27"}, "not a day"},
		{Serve{PublicAddress: "open.gov.bz"}, "not like"},
		{Serve{PublicAddress: "https://open.gov.bz/x"}, "not like"},
		{Serve{PublicAddress: "https://open.gov.bz/"}, ""},
		{Serve{MailServer: "smtp://x"}, "--mail-from"},
		{Serve{OIDC: []string{"Google=https://accounts.google.com"}}, "--oidc"},
		{Serve{OIDC: []string{"Google=https://accounts.google.com,id,a,b=c"}}, ""},
	} {
		err := x.s.Check()
		if (err == nil) != (x.want == "") || err != nil && !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: %v, want %q", x.s, err, x.want)
		}
	}
}

func TestPaths(t *testing.T) {
	s := Store{Data: "/srv/ceiba"}
	if s.DatabasePath() != "/srv/ceiba/ceiba.db" || s.BlobPath() != "/srv/ceiba/files" || s.KeyPath() != "/srv/ceiba/ledger.key" || s.Shared() {
		t.Errorf("%s %s %s", s.DatabasePath(), s.BlobPath(), s.KeyPath())
	}
	if s = (Store{Database: "postgres://x", Blob: "s3://y"}); !s.Shared() || s.DatabasePath() != "postgres://x" {
		t.Error("a shared store")
	}
}

func TestOIDCProviders(t *testing.T) {
	got, err := Serve{OIDC: []string{"My state=https://id.gov.bz,ceiba,se,cret="}}.OIDCProviders()
	if err != nil || len(got) != 1 || got[0] != (OIDCProvider{"My state", "https://id.gov.bz", "ceiba", "se,cret="}) {
		t.Errorf("%+v %v", got, err)
	}
}
