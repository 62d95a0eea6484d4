// Package catalog is the open-data catalogue: datasets, their resources, and
// the pages and API by which people find, explore and take them.
//
// A Dataset belongs to an organisation and goes draft → review → published →
// withdrawn. It is published with a licence and at least one resource. A
// Resource is a file, a link, or a table: a file that package table could read
// becomes, version by version, rows that can be searched, filtered, counted,
// charted and mapped (package shelf keeps the versions). What is published
// stays at its address; what is withdrawn answers 410 and says why.
//
// Members of an organisation write drafts and hand them in; its editors and
// officials publish (Rules). Every change is one transaction that checks its
// actor first and appends to the activity log.
//
// The metadata follow DCAT-AP 3: themes are the EU data themes, frequencies and
// licences have their usual identifiers, so that the catalogue can be given out
// in every vocabulary that descends from it.
package catalog
