// Package instrument reads instruments of evaluation: questionnaires as data. An
// instrument is a tree of nodes with texts in English and Spanish, the scales
// that its leaves are answered on, how parents follow from their parts, and the
// names of the rules that compute some of the answers.
//
// An instrument is one YAML file with an id and a version. A version that has
// been used is never edited: a change is another file. [Instrument.Digest] is
// the SHA-256 of the file, for the protocol of a round.
//
// What it promises: an instrument that [Read] returns is whole. Ids are unique,
// a part is of a lower kind than its parent, weights are above zero and only
// where they count, every code and rule that is spoken of exists, bands leave
// no number without a code, and every text is there in both languages. What is
// wrong comes as fault.Fields, each under its path, such as
// "nodes[0].parts[2].weight". A tree has no cycle, since parts stand inside
// their parent.
//
// Four instruments come with the program (folder shipped). The source of each
// says what was read where and what is from memory and must be compared with
// the original before results are published.
//
// It stops at what is asked: MAPS also notes gaps and red flags of a criterion,
// for which the tree has no place.
package instrument
