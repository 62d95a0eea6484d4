package desk

import "embed"

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS
