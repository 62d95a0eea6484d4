// Package module says what a capability contributes to Ceiba. Its declaration
// is the only place where a capability is announced: navigation, permissions,
// the API and its documentation, migrations, words, search, jobs and commands
// all come from it. Adding one is a folder and a line in internal/app.
package module

import (
	"context"
	"io/fs"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Module is everything the application needs to know about one capability.
// What it does not use stays empty.
type Module struct {
	Name      string    // lower-case, unique: also the prefix of its words
	Schema    db.Schema // its tables
	Words     fs.FS     // locale/*.json
	Actions   []who.Rule
	Kinds     []record.Kind
	Routes    func(*web.Routes)
	API       func(*api.API)
	Jobs      []job.Kind
	Schedules []job.Schedule
	Listeners []activity.Listener
	Notifies  []notify.Rule    // whom its events concern, beside those who follow the record
	Subjects  []notify.Subject // what people choose a frequency for, beside what every site has
	Nav       []Nav
	Personal  []who.Personal // what it keeps about people: for export and erasure
	Metrics   func(ctx context.Context) map[string]float64
	// Demo fills an empty demonstration; modules run in their order.
	Demo func(ctx context.Context, actor who.Actor) error
	// Rebuild makes what the module computes from other records, after a
	// restore: indexes, counts.
	Rebuild func(ctx context.Context) error
	// Export writes the module's public data below a folder, as open formats.
	Export func(ctx context.Context, put func(name string) (Writer, error)) error
}

// Writer is a file of a bulk export.
type Writer interface {
	Write([]byte) (int, error)
	Close() error
}

// Nav is an entry of the navigation.
type Nav struct {
	Key    string // of its words
	Path   string
	Order  int    // smaller comes first
	Footer bool   // at the foot of the page instead of the top
	Action string // shown only to those who may do it somewhere; empty: to all
}
