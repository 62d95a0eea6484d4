package web

import "embed"

// Words are this package's sentences, and those of package fault.
//
//go:embed locale/*.json
var Words embed.FS
