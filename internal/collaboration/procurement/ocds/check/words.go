package check

// Sentences are the last parts of the keys of all sentences that findings have;
// those of what could not be read are package read's.
var Sentences = []string{
	"required", "null", "number.text", "number.words", "number.empty", "number.wrapped", "number.other", "integer.text", "integer.words", "integer.empty", "integer.wrapped", "integer.other",
	"string.other", "id.other", "boolean.other", "object.list", "object.other", "array.object", "array.other",
	"date.empty", "date.day", "date.zone", "date.other", "uri.empty", "uri.characters", "uri.other",
	"minLength", "minItems", "minimum", "enum", "pattern", "other",
	"unique.id", "unique.whole", "unique.release", "unique.record", "releases.mixed",
	"closed", "open", "prefix", "version", "additional", "below", "deprecated", "empty.text", "empty.list", "empty.object", "noid",
	"odd.number.text", "odd.number.words", "odd.number.empty", "odd.number.wrapped", "odd.number.negative", "odd.number.huge", "odd.duration.negative",
	"odd.currency", "odd.date.day", "odd.date.zone", "odd.date.words", "odd.date.wrapped", "odd.date.year",
	"odd.period", "odd.award.early", "odd.contract.early", "odd.ids.mixed", "odd.ids.twins", "odd.ids.twice", "odd.ids.spaces",
	"odd.ids.wrapped", "odd.list.object", "odd.object.list", "odd.award.missing", "odd.award.type", "odd.party.missing", "odd.party.type",
	"odd.tenderers", "odd.text.broken", "odd.releases.order", "odd.unique.release", "odd.unique.record", "odd.unique.whole", "odd.version",
}
