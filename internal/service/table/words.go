package table

import "embed"

// Words are the sentences of this package, for the catalogue: faults, notes
// and rejects by their keys, steps as table.stage.*, types as table.type.*.
//
//go:embed locale/*.json
var Words embed.FS
