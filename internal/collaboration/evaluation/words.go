package evaluation

import "embed"

// Words are the sentences of the packages below this one.
//
//go:embed locale
var Words embed.FS
