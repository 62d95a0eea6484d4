package app

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
)

// TableCommand publishes a table from a file.
type TableCommand struct {
	File     string            `arg:"" help:"The file."`
	Title    string            `required:"" help:"Title of the dataset." placeholder:"TITLE"`
	Org      string            `required:"" help:"The organisation that publishes it; made if it does not exist." placeholder:"ORGANISATION"`
	Licence  string            `help:"Licence, by its SPDX identifier; if not given, the one the office proposes in the settings, or CC-BY-4.0." placeholder:"SPDX"`
	Summary  string            `help:"A sentence or two about the data." placeholder:"TEXT"`
	Theme    []string          `default:"government" help:"Themes, such as transport." placeholder:"THEME"`
	Contact  string            `help:"E-mail address of the contact; if not given, the office's in the settings, the sender of mail, or data@ the site's host." placeholder:"EMAIL"`
	Type     map[string]string `help:"The type of a column, against what is found: --type COLUMN=text." placeholder:"COLUMN=TYPE"`
	Key      string            `help:"The column whose values name the rows." placeholder:"COLUMN"`
	Personal bool              `help:"Publish although columns seem to hold personal data."`
	Resource string            `help:"Publish as the next version of this resource, instead of a new dataset." placeholder:"ID"`
}

// tableResult is what the command prints: one JSON object.
type tableResult struct {
	Dataset    string        `json:"dataset"`
	Resource   string        `json:"resource"`
	Version    int           `json:"version"`
	Rows       int64         `json:"rows"`
	Columns    []tableColumn `json:"columns"`
	Rejects    int64         `json:"rejects"`
	RejectsURL string        `json:"rejects_url"`
}

type tableColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Run runs the command.
func (t *TableCommand) Run(c *console) error {
	if _, ok := catalog.LicenceOf(t.Licence); t.Licence != "" && !ok {
		return usage{fmt.Errorf("unknown licence %q: use an SPDX identifier such as CC-BY-4.0 or CC0-1.0", t.Licence)}
	}
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	org, err := a.ensureOrg(c, t.Org)
	if err != nil {
		return err
	}
	file, err := a.putFile(c, c.Path(t.File))
	if err != nil {
		return err
	}
	in := catalog.Import{Resource: t.Resource, File: file, Name: filepath.Base(t.File), Types: t.Type, Key: t.Key, PersonalOK: t.Personal}
	in.Dataset = catalog.Dataset{Org: org, Title: t.Title, Summary: t.Summary, Licence: t.Licence, ContactEmail: t.Contact}
	if in.Dataset.Licence == "" {
		in.Dataset.Licence = a.catalog().Proposed(c.ctx)
	}
	if in.Dataset.ContactEmail == "" {
		in.Dataset.ContactEmail = a.dataContact(c.ctx)
	}
	in.Dataset.Themes.V = t.Theme
	if in.Dataset.Summary == "" {
		in.Dataset.Summary = t.Title
	}
	// Only what makes the version readable is done here. Its indexes are the
	// server's next job, or that of the next command that lets the queue run.
	run, err := a.maker(c)
	if err != nil {
		return err
	}
	made, err := a.catalog().ImportTable(c.ctx, a.System(), in, run)
	if err != nil {
		return err
	}
	out := tableResult{
		Dataset: made.Dataset.ID, Resource: made.Resource.ID, Version: made.Version.N, Rows: made.Version.Rows, Rejects: made.Version.Rejects,
		RejectsURL: strings.TrimSuffix(a.Base(), "/") + "/api/v1/resources/" + made.Resource.ID + "/rejects", Columns: []tableColumn{},
	}
	for _, col := range made.Version.Profile.V.Columns {
		out.Columns = append(out.Columns, tableColumn{col.Name, string(col.Type)})
	}
	return c.Print(out)
}

// dataContact is where the publisher of data is reached when nobody said where.
func (a *App) dataContact(ctx context.Context) string {
	host := "localhost"
	if u, err := url.Parse(a.Base()); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return cmp.Or(a.settings().Current(ctx).Email, a.Serve.MailFrom, "data@"+host)
}

// maker does the queued work that makes versions. Inside a server its own
// runner does it, so there is only waiting.
func (a *App) maker(c *console) (func(context.Context) error, error) {
	if c.server == nil {
		runner, err := job.NewRunner(a.DB, a.log, hostname(), a.Shelf.Making(), nil)
		if err != nil {
			return nil, err
		}
		return runner.Drain, nil
	}
	return func(context.Context) error { return nil }, nil
}

// putFile stores a local file.
func (a *App) putFile(c *console, path string) (blob.Ref, error) {
	f, err := os.Open(path)
	if err != nil {
		return blob.Ref{}, err
	}
	defer f.Close()
	return a.Blob.Put(c.ctx, f, blob.PutOptions{Name: filepath.Base(path)})
}
