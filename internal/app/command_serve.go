package app

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/logs"
	"ceiba/internal/ground/tune"
	"ceiba/internal/service/who"
)

// ServeCommand serves the site.
type ServeCommand struct {
	config.Serve
}

// Run runs the command.
func (s *ServeCommand) Run(c *console) error {
	if c.server != nil {
		return errServing
	}
	if err := s.Check(); err != nil {
		return usage{err}
	}
	tune.Server()
	log, flush := logs.Buffered(c.Err, c.cli.LogLevel)
	defer flush()
	c.log = log
	for {
		// A restore from the page ends the round, so that nothing runs while
		// every row is replaced, and nothing remembers what was before.
		if err := s.round(c); !errors.Is(err, errAnew) {
			return err
		}
	}
}

// round serves until ctx ends or the server has to start anew.
func (s *ServeCommand) round(c *console) error {
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w: is another program using the port? Choose another with --listen", s.Listen, err)
	}
	defer listener.Close()
	if err := applyRestore(c.ctx, c.cli.Store, s.Serve, c.log); err != nil {
		return err
	}
	a, err := Open(c.ctx, c.cli.Store, s.Serve, c.log)
	if err != nil {
		return err
	}
	defer a.Close()
	if s.Demo {
		if err := a.loadDemo(c.ctx); err != nil {
			return err
		}
	}
	if err := s.greet(c, a); err != nil {
		return err
	}
	return a.Run(c.ctx, listener)
}

// greet tells whoever started the program where it is and how to get in.
func (s *ServeCommand) greet(c *console, a *App) error {
	fmt.Fprintf(c.Out, "\nCeiba is at %s\n", a.Base())
	if s.Demo {
		fmt.Fprintf(c.Out, "This is the demonstration: %s/demo/sign-in signs you in as any role with one click.\n\n", a.Base())
		return nil
	}
	var any bool
	if err := a.DB.View(c.ctx, func(tx *db.Tx) (err error) { any, err = who.Administrators(c.ctx, tx); return err }); err != nil || any {
		return err
	}
	link, err := a.Who.SetupLink(c.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "Nobody runs this site yet. Open this once to become its first administrator:\n\n    %s\n\n", link)
	return nil
}

// cutPort splits an address to listen on.
func cutPort(listen string) (host, port string, ok bool) {
	host, port, err := net.SplitHostPort(listen)
	return host, port, err == nil
}

// UserAddCommand adds a person.
type UserAddCommand struct {
	Email   string        `arg:"" help:"E-mail address."`
	Name    string        `help:"Name as others see it." placeholder:"NAME"`
	Role    string        `help:"A role: administrator, moderator, secretariat, official, editor, evaluator, facilitator or member." placeholder:"ROLE"`
	Org     string        `help:"The organisation in which they hold the role; for the site without it. It is made if it does not exist." placeholder:"ORGANISATION"`
	APIKey  bool          `help:"Make an API key and print it once."`
	KeyLife time.Duration `default:"8760h" help:"How long the API key is good for, such as 720h." placeholder:"TIME"`
}

// Run runs the command.
func (u *UserAddCommand) Run(c *console) error {
	if !strings.Contains(u.Email, "@") {
		return usage{fmt.Errorf("%q is not an e-mail address", u.Email)}
	}
	if u.Role != "" && !validRole(u.Role) {
		return usage{fmt.Errorf("there is no role %q; `ceiba user add --help` lists them", u.Role)}
	}
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	g := who.Grant{Role: who.Role(u.Role)}
	if u.Org != "" {
		if g.Org, err = a.ensureOrg(c, u.Org); err != nil {
			return err
		}
	}
	p, made, err := a.Who.AddPerson(c.ctx, a.System(), u.Email, u.Name, g)
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(c.Err, "%s can sign in now.\n", u.Email)
	}
	if !u.APIKey {
		return nil
	}
	key, err := a.Who.MakeKeyFor(c.ctx, a.System(), p.ID, "command line on "+hostname(), u.KeyLife)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.Out, key)
	return nil
}

func validRole(r string) bool {
	for _, x := range who.Roles {
		if string(x) == r {
			return true
		}
	}
	return false
}
