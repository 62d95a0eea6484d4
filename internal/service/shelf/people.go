package shelf

import "ceiba/internal/service/who/deed"

// Personal is what this package keeps about people: who handed a file in.
var Personal = deed.Columns("shelf", "shelf_version.by_person")
