// Package config is the table of options from which the command line, the
// environment, the help and docs/configuration.md are made. An option is named
// once, here, with its meaning; --public-address is also CEIBA_PUBLIC_ADDRESS.
package config

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Store says where things are kept. Every command takes it.
type Store struct {
	Data       string `default:"data" placeholder:"DIR" help:"Folder for the database, uploaded files and keys. It must be on a local disk."`
	Database   string `placeholder:"URL" help:"postgres://… for PostgreSQL; without it a SQLite file in the data folder."`
	Blob       string `placeholder:"URL" help:"s3://BUCKET?endpoint=…&region=… for an S3-compatible store; without it a folder in the data folder."`
	LedgerKey  string `placeholder:"FILE" help:"The ledger's signing key, made at first start. Keep it apart from the database and its backups. Default: ledger.key in the data folder."`
	SecretFile string `placeholder:"FILE" help:"A secret of at least 32 bytes that keys sign-in codes and second factors, made at first start. Every node needs the same. Default: secret.key in the data folder."`
	LogLevel   string `default:"info" enum:"debug,info,warn,error" help:"How much is logged: debug, info, warn or error."`
}

// DatabasePath returns what db.Open takes.
func (s Store) DatabasePath() string {
	if s.Database != "" {
		return s.Database
	}
	return filepath.Join(s.Data, "ceiba.db")
}

// BlobPath returns what blob.Open takes.
func (s Store) BlobPath() string {
	if s.Blob != "" {
		return s.Blob
	}
	return filepath.Join(s.Data, "files")
}

// KeyPath returns the file of the ledger's key.
func (s Store) KeyPath() string {
	if s.LedgerKey != "" {
		return s.LedgerKey
	}
	return filepath.Join(s.Data, "ledger.key")
}

// SecretPath returns the file of the sign-in secret.
func (s Store) SecretPath() string {
	if s.SecretFile != "" {
		return s.SecretFile
	}
	return filepath.Join(s.Data, "secret.key")
}

// Shared reports whether several nodes may run on this store.
func (s Store) Shared() bool { return s.Database != "" && s.Blob != "" }

// Serve is what the server needs beside Store.
type Serve struct {
	Listen         string   `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on."`
	Demo           bool     `help:"Load the demonstration and offer a click to sign in as each role. Listens on loopback only, and refuses a database that is not a demonstration."`
	DemoDate       string   `placeholder:"YYYY-MM-DD" help:"For trainings: the demonstration behaves as if it had been started on that day, and time runs on from there. Needs --demo; on data that were used before, a day before the newest entry is refused."`
	PublicAddress  string   `placeholder:"URL" help:"The address people use, such as https://open.gov.bz: for links in mail and for passkeys."`
	TrustedProxies []string `placeholder:"NETWORK" help:"Networks of reverse proxies whose X-Forwarded-* headers are believed, such as 127.0.0.1. Default: none."`
	MailServer     string   `placeholder:"URL" help:"smtp://USER:PASSWORD@HOST:PORT or smtps://…; without it no mail is sent."`
	MailFrom       string   `placeholder:"ADDRESS" help:"Sender of mail, such as ceiba@open.gov.bz."`
	OIDC           []string `name:"oidc" sep:"none" placeholder:"NAME=ISSUER,CLIENT,SECRET" help:"A sign-in provider by OpenID Connect; may be given several times."`
	Closed         bool     `help:"Only people who were invited get an account."`
	Clamd          string   `placeholder:"ADDRESS" help:"A clamd that looks at every upload, as unix:/run/clamav/clamd.ctl or tcp:HOST:PORT."`
	AcceptRollback bool     `help:"Start although the ledger is smaller than the last published checkpoint, as after restoring an older backup. It is written into the ledger."`
	Limits         string   `default:"on" enum:"on,off" help:"Limits on how often one address or person may ask: on, or off behind another limiter and for load tests."`
	Metrics        string   `placeholder:"HOST:PORT" help:"A second address for /metrics; without it metrics are for administrators only."`
}

// Check reports what is wrong with the options together, in words.
func (s Serve) Check() error {
	if s.Demo && !loopback(s.Listen) {
		return fmt.Errorf("--demo lets anybody sign in as anybody, so it listens on 127.0.0.1 only, not on %s", s.Listen)
	}
	if err := s.checkDate(); err != nil {
		return err
	}
	if s.PublicAddress != "" {
		u, err := url.Parse(s.PublicAddress)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
			return fmt.Errorf("--public-address %q is not like https://open.gov.bz", s.PublicAddress)
		}
	}
	if _, err := s.OIDCProviders(); err != nil {
		return err
	}
	if s.MailServer != "" && s.MailFrom == "" {
		return fmt.Errorf("--mail-server needs --mail-from")
	}
	return nil
}

func (s Serve) checkDate() error {
	if s.DemoDate == "" {
		return nil
	}
	if !s.Demo {
		return errors.New("--demo-date moves the clock of a demonstration: it needs --demo, and a real site lives in the present")
	}
	day, err := time.Parse(time.DateOnly, s.DemoDate)
	if err != nil || day.Year() < 2000 || day.Year() > 2199 {
		return fmt.Errorf("--demo-date %q is not a day like 2027-03-31", s.DemoDate)
	}
	return nil
}

// OIDCProvider is one value of --oidc, taken apart.
type OIDCProvider struct{ Name, Issuer, Client, Secret string }

// OIDCProviders takes the values of --oidc apart.
func (s Serve) OIDCProviders() ([]OIDCProvider, error) {
	var out []OIDCProvider
	for _, v := range s.OIDC {
		name, rest, ok := strings.Cut(v, "=")
		parts := strings.SplitN(rest, ",", 3)
		if !ok || name == "" || len(parts) < 2 || parts[0] == "" || parts[1] == "" {
			return nil, fmt.Errorf("--oidc %q is not like Google=https://accounts.google.com,CLIENT,SECRET", name)
		}
		p := OIDCProvider{Name: name, Issuer: parts[0], Client: parts[1]}
		if len(parts) == 3 {
			p.Secret = parts[2]
		}
		out = append(out, p)
	}
	return out, nil
}

func loopback(listen string) bool {
	return strings.HasPrefix(listen, "127.") || strings.HasPrefix(listen, "localhost:") || strings.HasPrefix(listen, "[::1]:")
}
