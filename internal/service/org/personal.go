package org

import "ceiba/internal/service/who/deed"

// Personal is what this package keeps about people beside their roles, which
// are who's: who changed an organisation.
var Personal = deed.Columns("org", "organisation_version.changed_by")
