// Package repository shows a plan's documents to people and to programs: the
// list with its filter, a page for each document with its versions, the forms
// that add and replace them, and the files. What a document is, package plan
// says.
//
// OGP's requirement 2.2 asks for a repository that anybody can read, with
// evidence of how the plan was made and of how it is kept. A document is a file
// in the store, known by its SHA-256, or an address elsewhere. The digest of a
// file is in the log and so in the ledger: whoever has the file can show that it
// is what was published, and when.
//
// # Limits
//
// A file that was taken out stays in the store, where nobody is given it. The
// words within files are not searched. A document's title is not translated.
package repository

import (
	"embed"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/module"
	"ceiba/internal/service/blob"
)

//go:embed locale/*.json
var words embed.FS

// Repository joins the plans with the store of their files.
type Repository struct {
	*plan.Plans
	Blob *blob.Store
	Base func() string // public address
}

// Module declares the repository.
func (p *Repository) Module() module.Module {
	return module.Module{Name: "repository", Words: words, Routes: p.routes, API: p.api, Demo: p.Demo}
}

// maxFile is how many bytes a file may have.
const maxFile = 50_000_000

// fileKinds are what a document may be.
var fileKinds = []blob.Kind{blob.Document, blob.Table, blob.Map, blob.Image}
