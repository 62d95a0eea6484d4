package table

import "embed"

// Words are the sentences of this package and of those below it save source, for
// the catalogue: faults, notes and rejects by their keys, steps as table.stage.*,
// types as table.type.*, kinds of personal data as table.personal.*.
//
//go:embed locale/*.json
var Words embed.FS
