// Package schema holds the official schemas of OCDS 1.0 and 1.1 (JSON Schema,
// draft 4), as the standard publishes them; SOURCE.md says where they are from.
//
// It stops at the core: extensions of the standard have schemas of their own,
// which are not fetched.
package schema

import (
	"embed"
	"io/fs"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

//go:embed v1.0.3 v1.1.5
var files embed.FS

// Version is a version of OCDS as packages name it.
type Version string

// The versions there are.
const (
	V10 Version = "1.0"
	V11 Version = "1.1"
)

// Name is one of the schemas.
type Name string

// The schemas of each version.
const (
	Release        Name = "release-schema"
	ReleasePackage Name = "release-package-schema"
	RecordPackage  Name = "record-package-schema"
	Versioned      Name = "versioned-release-validation-schema"
)

// Of tells which version's schemas serve for what a package says: 1.0 for 1.0
// and 1.0.x, otherwise 1.1.
func Of(said string) Version {
	if said == "1.0" || strings.HasPrefix(said, "1.0.") {
		return V10
	}
	return V11
}

// Open returns a schema. It panics if the program was built without it.
func Open(v Version, n Name) *ocds.Object {
	folder := "v1.1.5"
	if v == V10 {
		folder = "v1.0.3"
	}
	f, err := fs.ReadFile(files, folder+"/"+string(n)+".json")
	if err != nil {
		panic(err)
	}
	limits := read.Usual
	limits.Repeats = true // Amendment of 1.0.3 has its title twice
	o, err := read.Value(f, limits)
	if err != nil {
		panic(err)
	}
	return o.(*ocds.Object)
}
