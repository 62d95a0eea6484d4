package template

import "embed"

// Words are the sentences of this package.
//
//go:embed locale
var Words embed.FS
