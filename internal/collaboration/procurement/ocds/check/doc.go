// Package check says what in OCDS data does not keep to the standard, and what
// is odd in it: each with its place, in words that need no knowledge of JSON
// Schema.
//
// It does what Open Contracting's lib-cove-ocds does, and gives the same counts:
// validation against the official schemas of 1.0 and 1.1, codes that a codelist
// does not have, fields outside the schema, deprecated and empty fields, missing
// ids, ocids without a registered prefix's form. Beside that it lists anomalies
// (see Anomalies): what a tolerant reader has to decide about.
//
//   - Checker.File checks a file of any form that package read understands, one
//     release or record at a time, and hands out each Found in the file's order;
//     Report groups and counts them by rule and by field without positions.
//   - Anomalies looks at one release by itself, for who imports it.
//
// Promises: memory is bounded by the items being checked (some 8 MB of text),
// not by the file, but for eight bytes or so an ocid and an item of a package; what
// is wrong with the file is a finding with its line, and costs nothing that came
// before it; the result does not depend on how many goroutines work.
//
// The schemas are checked by github.com/santhosh-tekuri/jsonschema, which gets
// what they ask of types, formats, lengths and presence. The rest is ours, as
// lib-cove-ocds has it: lists are unique by the ids of their items; closed
// codelists are codes and no enumerations; the releases of a record are judged as
// links or as releases, whichever they are meant to be. Of a package that says
// its version or extensions only behind its releases, that is read ahead.
//
// Where we differ from lib-cove-ocds, each for a reason:
//
//   - An empty text is no code of a closed list; the schema refuses it too.
//   - A field in another language (title_es) is known only if the schema says
//     so, and has to be a text.
//   - Deprecated fields and missing ids are told within a record's releases too.
//   - A field is not taken for a part of another one because its name begins
//     with that one's name.
//   - A package without a version is of 1.0, as the standard has it. Releases
//     without a package are of 1.1, and all extensions known here may be in them.
//
// Known extensions are those of package extension: bids, lots, enquiries,
// beneficialOwners, contract_completion and budget_breakdown, by patches written
// from their fields. Others are named as unknown, and their fields count as
// additional, for nothing is fetched.
//
// Speed: 100 MB made of the real releases of the test data (21,300 releases,
// half of them with faults) take 4.9 s of CPU, 20 MB/s, and on two cores 2.7 s,
// with 40 MB of memory more than the program has at its start. Of that, a quarter
// is the library, a fifth the reading. (AMD EPYC, two virtual cores, others
// working.)
//
// Limits: a file made to hurt, of releases as large and wrong as can be, takes some
// 0.6 GB on two cores; ocid prefixes are not compared with the registry; web addresses are not
// opened; of a release or record 20,000 faults and as many other findings are
// kept, of a report 10,000 groups; identical items of a package are compared only if they lack ids.
package check
