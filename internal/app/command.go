package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"ceiba/internal/app/offline"
	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/logs"
)

// CLI is the command line. Every option is also CEIBA_ and its name in the
// environment.
type CLI struct {
	config.Store

	Serve   ServeCommand   `cmd:"" help:"Serve the site."`
	Migrate MigrateCommand `cmd:"" help:"Bring the database up to date and stop. Serve does it too."`
	User    struct {
		Add UserAddCommand `cmd:"" help:"Add a person, or give one a role or an API key."`
	} `cmd:"" help:"People."`
	Import struct {
		Table  TableCommand  `cmd:"" help:"Publish a table: CSV, XLSX, GeoJSON or JSON."`
		Places PlacesCommand `cmd:"" help:"Fill the gazetteer: GeoNames' text format, or a CSV with its columns."`
		Roads  RoadsCommand  `cmd:"" help:"Take in highways, for places such as \"mile 23 Hummingbird\": GeoJSON lines with a name."`
	} `cmd:"" help:"Bring data in."`
	Export  ExportCommand  `cmd:"" help:"Write everything public into a folder, as open formats."`
	Backup  BackupCommand  `cmd:"" help:"Write the whole site into one file, while it goes on."`
	Restore RestoreCommand `cmd:"" help:"Read a backup into an empty site, on either database."`
	Verify  VerifyCommand  `cmd:"" help:"Recompute the ledger and compare it with what was published, or check a file of evidence."`
	Words   struct {
		Export WordsExportCommand `cmd:"" help:"Print a translator's file (CSV) of a language."`
		Import WordsImportCommand `cmd:"" help:"Take in a translator's file."`
	} `cmd:"" help:"Translations."`
	OGP struct {
		Derive offline.OGPDerive `cmd:"" help:"Recompute the columns of OGP's table of commitments that follow from others, and say where it disagrees."`
		Import OGPImportCommand  `cmd:"" help:"Take in plans and commitments: OGP's table, a spreadsheet, Canada's tables, or our own export."`
		Check  offline.OGPCheck  `cmd:"" help:"Report damage and contradictions in OGP's table of commitments; nothing is changed."`
	} `cmd:"" name:"ogp" help:"Tables of the Open Government Partnership."`
	OCDS struct {
		Merge      offline.OCDSMerge      `cmd:"" help:"Merge the releases of each contracting process into one, a line each."`
		Check      offline.OCDSCheck      `cmd:"" help:"Say what in releases and records does not keep to the standard, or is odd, in plain words and with its place."`
		Indicators offline.OCDSIndicators `cmd:"" help:"Compute eleven red flags, as Cardinal defines them, from compiled releases."`
		Prepare    offline.OCDSPrepare    `cmd:"" help:"Mend compiled releases before indicators are computed, and report what is wrong in them."`
		Coverage   offline.OCDSCoverage   `cmd:"" help:"Count how often each field is filled."`
		Import     OCDSImportCommand      `cmd:"" help:"Take contracting processes into the site."`
	} `cmd:"" name:"ocds" help:"Data of the Open Contracting Data Standard."`
	Version VersionCommand `cmd:"" help:"Say which version this is."`
	Docs    DocsCommand    `cmd:"" hidden:"" help:"Print docs/configuration.md."`
}

// console is what a command works with.
type console struct {
	offline.Console
	ctx    context.Context
	log    *slog.Logger
	cli    *CLI
	server *App // the server that carries the command out; nil for a process of its own
}

// usage is an error in how a command was called: one line, exit 2.
type usage struct{ error }

// Main runs the command line and returns the exit status: 0 for success, 1 for
// an error at run time, 2 for a command that was called wrongly.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return runCommand(ctx, args, stdout, stderr, "", nil)
}

// runCommand runs one command, for Main or, inside a running server, for
// another process (see control.go).
func runCommand(ctx context.Context, args []string, stdout, stderr io.Writer, dir string, server *App) int {
	var cli CLI
	exit := -1
	parser, err := newParser(&cli, stdout, stderr, &exit)
	if err != nil {
		fmt.Fprintln(stderr, "ceiba:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "ceiba: %s; `ceiba --help` lists what there is\n", strings.TrimSuffix(err.Error(), "."))
		return 2
	}
	c := &console{
		Console: offline.Console{In: strings.NewReader(""), Out: stdout, Err: stderr, Dir: dir, Say: english, SayIn: speaking},
		ctx:     ctx, log: logs.New(stderr, cli.LogLevel), cli: &cli, server: server,
	}
	if server == nil {
		c.In = os.Stdin
	}
	err = k.Run(c, &c.Console)
	if errors.Is(err, db.ErrInUse) && server == nil {
		if status, asked := delegate(ctx, cli.Data, args, stdout, stderr); asked == nil {
			return status
		} else if !errors.Is(asked, errNoServer) {
			err = asked
		}
	}
	var bad usage
	switch {
	case err == nil:
		return 0
	case errors.As(err, &bad):
		fmt.Fprintln(stderr, "ceiba:", bad.error)
		return 2
	}
	fmt.Fprintln(stderr, "ceiba:", c.Plain(err))
	return 1
}

func newParser(cli *CLI, stdout, stderr io.Writer, exit *int) (*kong.Kong, error) {
	return kong.New(cli, kong.Name("ceiba"), kong.Description("Open government in one program: promises, money, places, people, data."),
		kong.DefaultEnvars("CEIBA"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { *exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
}

// errServing is for commands that make no sense inside a running server.
var errServing = usage{errors.New("a server is running on this data folder; stop it first")}

// open opens the site for a command that is not the server. Inside a server it
// is the server's own, and closing it does nothing.
func (c *console) open() (*App, error) {
	if c.server != nil {
		a := *c.server
		a.closers = nil
		return &a, nil
	}
	a, err := Open(c.ctx, c.cli.Store, config.Serve{Listen: "127.0.0.1:8080", PublicAddress: os.Getenv("CEIBA_PUBLIC_ADDRESS")}, logs.New(c.Err, "warn"))
	if err == nil {
		a.sealAtClose(context.WithoutCancel(c.ctx))
	}
	return a, err
}

// MigrateCommand brings the database up to date.
type MigrateCommand struct{}

// Run runs the command.
func (m *MigrateCommand) Run(c *console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	fmt.Fprintf(c.Out, "The database (%s) is up to date.\n", a.DB.Engine())
	return nil
}

// VersionCommand says which version this is.
type VersionCommand struct{}

// Run runs the command.
func (v *VersionCommand) Run(c *console) error {
	fmt.Fprintln(c.Out, "ceiba", Version)
	return nil
}

// DocsCommand prints docs/configuration.md from the options themselves.
type DocsCommand struct{}

// Run runs the command.
func (d *DocsCommand) Run(c *console) error { return writeConfiguration(c.Out) }

func writeConfiguration(w io.Writer) error {
	exit := 0
	parser, err := newParser(&CLI{}, io.Discard, io.Discard, &exit)
	if err != nil {
		return err
	}
	fmt.Fprint(w, "# Configuration\n\nMade from the program by `go run ./dev gen`; do not edit.\n\n",
		"Every option can be given on the command line or in the environment; the command line wins.\n")
	writeFlags(w, "Every command", parser.Model.Node)
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, child := range n.Children {
			if child.Type == kong.CommandNode && !child.Hidden {
				if len(child.Children) == 0 {
					writeFlags(w, "`ceiba "+strings.TrimPrefix(child.Path(), "ceiba ")+"`", child)
				}
				walk(child)
			}
		}
	}
	walk(parser.Model.Node)
	return nil
}

func writeFlags(w io.Writer, title string, n *kong.Node) {
	fmt.Fprintf(w, "\n## %s\n", title)
	if n.Help != "" && n.Type == kong.CommandNode {
		fmt.Fprintf(w, "\n%s\n", n.Help)
	}
	for _, p := range n.Positional {
		fmt.Fprintf(w, "\n- `%s`: %s\n", p.Summary(), p.Help)
	}
	var rows []*kong.Flag
	for _, f := range n.Flags {
		if f.Name != "help" && !f.Hidden {
			rows = append(rows, f)
		}
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprint(w, "\n| option | environment | default | meaning |\n|---|---|---|---|\n")
	for _, f := range rows {
		def := f.Default
		if def != "" {
			def = "`" + def + "`"
		}
		fmt.Fprintf(w, "| `--%s` | `%s` | %s | %s |\n", f.Name, strings.Join(f.Envs, "`, `"), def, f.Help)
	}
}

func hostname() string {
	h, err := os.Hostname()
	if err != nil {
		return "this machine"
	}
	return h
}
