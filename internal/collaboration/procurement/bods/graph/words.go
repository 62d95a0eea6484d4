package graph

import "strings"

// Keys of sentences about a Structure.
const (
	CircleKey = "bods.circle" // names: the records of a circle
	CutKey    = "bods.cut"
)

// reasons are those that have a sentence.
var reasons = map[Reason]bool{
	UnknownOwner: true, AnonymousOwner: true, NomineeOwner: true, Undeclared: true,
	"subjectUnableToConfirmOrIdentifyBeneficialOwner": true, "interestedPartyHasNotProvidedInformation": true, "subjectExemptFromDisclosure": true,
	"interestedPartyExemptFromDisclosure": true, "informationUnknownToPublisher": true, "noBeneficialOwners": true,
}

// Key is the key of the sentence that says why a chain ends. A reason that the
// codelist lacks is no reason.
func (r Reason) Key() string {
	if !reasons[r] {
		r = Unspecified
	}
	return "bods.end." + strings.ToLower(string(r))
}

// Key is the key of a level's name.
func (l Level) Key() string { return "bods.level." + string(l) }
