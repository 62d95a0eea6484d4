package geo

import "embed"

// Words are this package's sentences, keys "geo.…".
//
//go:embed locale/*.json
var Words embed.FS
