package ocds

import "embed"

// Words are the sentences of this package and those below it.
//
//go:embed locale
var Words embed.FS
