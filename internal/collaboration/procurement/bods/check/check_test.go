package check_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/bods/check"
	"ceiba/internal/ground/needtest"
)

// sound is a declaration with nothing wrong: a company, a trust, a person, and
// what the person holds, in parts and as a whole.
const sound = `[
{"statementId":"s-c","statementDate":"2026-01-01","declarationSubject":"c","recordId":"c","recordType":"entity","recordStatus":"new","recordDetails":{"isComponent":false,"entityType":{"type":"registeredEntity"},"foundingDate":"2001-01-01","dissolutionDate":"2025-01-01","identifiers":[{"scheme":"XI-LEI","id":"1"}],"publicListing":{"hasPublicListing":true,"securitiesListings":[{"marketIdentifierCode":"XA","operatingMarketIdentifierCode":"XA"}]}},"annotations":[{"motivation":"commenting","statementPointerTarget":"/recordDetails/identifiers/0/id","creationDate":"2026-01-01"}],"source":{"retrievedAt":"2026-01-01"},"publicationDetails":{"publicationDate":"2026-01-01"}},
{"statementId":"s-t","statementDate":"2026-01-01","declarationSubject":"c","recordId":"t","recordType":"entity","recordDetails":{"isComponent":true,"entityType":{"type":"arrangement","subtype":"trust"}}},
{"statementId":"s-p","statementDate":"2026-01-01","declarationSubject":"c","recordId":"p","recordType":"person","recordDetails":{"isComponent":false,"birthDate":"1950-02-03","deathDate":"2025-02","identifiers":[{"scheme":"BLZ-TAXID","id":"1"}]}},
{"statementId":"s-1","statementDate":"2026-01-01","declarationSubject":"c","recordId":"r1","recordType":"relationship","recordDetails":{"isComponent":true,"subject":"t","interestedParty":"p","interests":[{"type":"settlor","beneficialOwnershipOrControl":true}]}},
{"statementId":"s-2","statementDate":"2026-01-01","declarationSubject":"c","recordId":"r2","recordType":"relationship","recordDetails":{"isComponent":true,"subject":"c","interestedParty":"t","interests":[{"type":"shareholding","share":{"minimum":25,"maximum":50},"startDate":"2020-01-01","endDate":"2024-01-01"}]}},
{"statementId":"s-3","statementDate":"2026-01-01","declarationSubject":"c","recordId":"r3","recordType":"relationship","recordDetails":{"isComponent":false,"componentRecords":["t","r1","r2"],"subject":"c","interestedParty":"p","interests":[{"type":"otherInfluenceOrControl","beneficialOwnershipOrControl":true}]}},
{"statementId":"s-4","statementDate":"2026-02-01","declarationSubject":"c","recordId":"r3","recordType":"relationship","recordStatus":"closed","recordDetails":{"isComponent":false,"subject":"c","interestedParty":{"reason":"noBeneficialOwners"}}}
]`

var options = check.Options{Today: "2026-02-01", Schemes: map[string]bool{"XI-LEI": true}}

// found lists ids and places of what is wrong.
func found(t *testing.T, text string) []string {
	t.Helper()
	statements, faults := bods.All([]byte(text))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var out []string
	for _, p := range check.Check(statements, options) {
		out = append(out, p.Kind+" "+p.Pointer)
	}
	return out
}

func TestSound(t *testing.T) {
	if got := found(t, sound); len(got) > 0 {
		t.Error(got)
	}
}

// TestEachCheck spoils the declaration in one place and names what is found.
func TestEachCheck(t *testing.T) {
	shown := map[string]bool{}
	for _, c := range []struct{ old, new, want string }{
		{`"s-t"`, `"s-c"`, "duplicate_statement_id /1/statementId"},
		{`"declarationSubject":"c","recordId":"p"`, `"declarationSubject":"x","recordId":"p"`, "statement_declaration_subject_not_exist /2/declarationSubject"},
		{`"declarationSubject":"c","recordId":"p"`, `"declarationSubject":"r1","recordId":"p"`, "statement_declaration_subject_not_entity_person /2/declarationSubject"},
		{`"subject":"t"`, `"subject":"x"`, "subject_must_be_record_id /3/recordDetails/subject"},
		{`"subject":"t","interestedParty":"p","interests":[{"type":"settlor"`, `"subject":"p","interestedParty":"p","interests":[{"type":"boardMember"`, "subject_can_only_refer_to_entity /3/recordDetails/subject"},
		{`"interestedParty":"t"`, `"interestedParty":"x"`, "interested_party_must_be_record_id /4/recordDetails/interestedParty"},
		{`"interestedParty":"t"`, `"interestedParty":"r1"`, "interested_party_can_only_refer_to_entity_or_person /4/recordDetails/interestedParty"},
		{`"share":{"minimum":25`, `"beneficialOwnershipOrControl":true,"share":{"minimum":25`, "interest_beneficial_ownership_interested_party_not_person /4/recordDetails/interests/0/beneficialOwnershipOrControl"},
		{`["t","r1","r2"]`, `["t","r1","r2","s-p"]`, "component_record_is_statement_id /5/recordDetails/componentRecords/3"},
		{`["t","r1","r2"]`, `["t","r1","r2","x"]`, "component_record_id_not_in_dataset /5/recordDetails/componentRecords/3"},
		{`["t","r1","r2"]`, `["r1","r2"]`, "statement_entity_is_component_not_in_component_details /1/recordDetails/isComponent"},
		{`"isComponent":false,"birthDate"`, `"isComponent":true,"birthDate"`, "statement_person_is_component_not_in_component_details /2/recordDetails/isComponent"},
		{`["t","r1","r2"]`, `["t","r1"]`, "statement_relationship_is_component_not_in_component_details /4/recordDetails/isComponent"},
		{`"recordId":"t","recordType":"entity"`, `"recordId":"t","recordStatus":"new","recordType":"entity"`, ""},
		{`"recordId":"r3","recordType":"relationship","recordStatus":"closed"`, `"recordId":"c","recordType":"entity","recordStatus":"new"`, "multiple_statements_in_series_with_record_status_new /6/recordStatus"},
		{`"recordId":"r3","recordType":"relationship","recordStatus":"closed"`, `"recordId":"r3","recordType":"relationship","recordStatus":"new"`, "statement_with_record_status_new_must_be_first /6/recordStatus"},
		{`"recordId":"r3","recordType":"relationship","recordDetails"`, `"recordId":"r3","recordType":"relationship","recordStatus":"closed","recordDetails"`, "multiple_statements_in_series_with_record_status_closed /6/recordStatus"},
		{`"s-4","statementDate":"2026-02-01"`, `"s-4","statementDate":"2025-02-01"`, "statement_with_record_status_closed_must_be_last /6/recordStatus"},
		{`"recordId":"r3","recordType":"relationship","recordStatus":"closed"`, `"recordId":"p","recordType":"relationship"`, "statements_in_series_with_different_record_types /6/recordType"},
		{`"subject":"t"`, `"subject":"z"`, "subject_must_be_record_id /3/recordDetails/subject"},
		{`"minimum":25,`, `"minimum":25,"exclusiveMinimum":25,`, "statement_relationship_interests_share_min_and_exclusivemin /4/recordDetails/interests/0/share"},
		{`"maximum":50`, `"maximum":50,"exclusiveMaximum":50`, "statement_relationship_interests_share_max_and_exclusivemax /4/recordDetails/interests/0/share"},
		{`"minimum":25,`, `"exact":30,"minimum":25,`, "statement_relationship_interests_exact_has_min_max /4/recordDetails/interests/0/share"},
		{`"minimum":25,`, `"minimum":51,`, "statement_relationship_interests_not_exact_max_greater_than_min /4/recordDetails/interests/0/share"},
		{`"minimum":25,`, `"minimum":50.0,`, "statement_relationship_interests_exact_max_equals_min /4/recordDetails/interests/0/share"},
		{`"endDate":"2024-01-01"`, `"endDate":"2019-12-31"`, "statement_relationship_interests_start_after_end_date /4/recordDetails/interests/0/startDate"},
		{`"subtype":"trust"`, `"subtype":"other"`, "relationship_interests_subject_should_be_entity_trust /3/recordDetails/interests/0/type"},
		{`"settlor"`, `"nominee"`, "relationship_interests_subject_should_be_entity_nomination_arrangement /3/recordDetails/interests/0/type"},
		{`"dissolutionDate":"2025-01-01"`, `"dissolutionDate":"2000-12-31"`, "statement_entity_dissolution_before_founding_date /0/recordDetails/dissolutionDate"},
		{`"XI-LEI"`, `"XX-YY"`, "entity_identifiers_not_known_scheme /0/recordDetails/identifiers/0/scheme"},
		{`"hasPublicListing":true`, `"hasPublicListing":false`, "has_public_listing_information_but_has_public_listing_is_false /0/recordDetails/publicListing"},
		{`"marketIdentifierCode":"XA",`, ``, "entity_security_listing_operating_market_identifier_code_set_but_not_market_identifier_code /0/recordDetails/publicListing/securitiesListings/0"},
		{`,"operatingMarketIdentifierCode":"XA"`, ``, "entity_security_listing_market_identifier_code_set_but_not_operating_market_identifier_code /0/recordDetails/publicListing/securitiesListings/0"},
		{`/identifiers/0/id"`, `/identifiers/1/id"`, "annotation_statement_pointer_target_invalid /0/annotations/0/statementPointerTarget"},
		{`"creationDate":"2026-01-01"`, `"creationDate":"2026-02-02"`, "statement_annotation_creation_date_is_future_date /0/annotations/0/creationDate"},
		{`"retrievedAt":"2026-01-01"`, `"retrievedAt":"2026-02-02T00:00:00Z"`, "statement_source_retrieved_at_future_date /0/source/retrievedAt"},
		{`"publicationDate":"2026-01-01"`, `"publicationDate":"2026-02-02"`, "statement_publication_date_is_future_date /0/publicationDetails/publicationDate"},
		{`"s-4","statementDate":"2026-02-01"`, `"s-4","statementDate":"2026-02-02"`, "statement_date_is_future_date /6/statementDate"},
		{`"birthDate":"1950-02-03"`, `"birthDate":"1799"`, "statement_person_birth_date_too_far_in_past /2/recordDetails/birthDate"},
		{`"birthDate":"1950-02-03","deathDate":"2025-02"`, `"birthDate":"2026-02-02"`, "statement_person_birth_date_in_future /2/recordDetails/birthDate"},
		{`"deathDate":"2025-02"`, `"deathDate":"1950-02-02"`, "statement_person_death_date_not_sensible_value /2/recordDetails/deathDate"},
		{`"BLZ-TAXID"`, `"BLZTAXID"`, "person_identifiers_invalid_composition /2/recordDetails/identifiers/0/scheme"},
		{`"BLZ-TAXID"`, `"QQQ-TAXID"`, "person_identifiers_no_valid_iso_3166_1_alpha_3_code /2/recordDetails/identifiers/0/scheme"},
		{`"BLZ-TAXID"`, `"BLZ-CARD"`, "person_identifiers_not_passport_taxid_idcard /2/recordDetails/identifiers/0/scheme"},
		{`"otherInfluenceOrControl","beneficialOwnershipOrControl":true`, `"otherInfluenceOrControl"`, "beneficial_owner_without_primary_relationship /3/recordDetails/isComponent"},
	} {
		if !strings.Contains(sound, c.old) {
			t.Fatalf("%s is not there to be spoilt", c.old)
		}
		got := found(t, strings.Replace(sound, c.old, c.new, 1))
		id, _, _ := strings.Cut(c.want, " ")
		shown[id] = true
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s instead of %s: %q, want %q", c.new, c.old, got, c.want)
		}
	}
	lines := strings.Split(strings.TrimSuffix(strings.TrimPrefix(sound, "[\n"), "\n]"), ",\n")
	moved := "[" + strings.Join(append(lines[3:], lines[:3]...), ",") + "]"
	for _, want := range []string{
		"relationship_subject_not_before_relationship_in_dataset /0/recordDetails/subject",
		"relationship_interested_party_not_before_relationship_in_dataset /0/recordDetails/interestedParty",
	} {
		id, _, _ := strings.Cut(want, " ")
		shown[id] = true
		if got := found(t, moved); !slices.Contains(got, want) {
			t.Errorf("%q lacks %s", got, want)
		}
	}
	everyWordIsShown(t, shown)
}

// everyWordIsShown compares the ids that were shown with those that have words.
func everyWordIsShown(t *testing.T, shown map[string]bool) {
	t.Helper()
	text, err := bods.Words.ReadFile("locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]string
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	for k := range words {
		if id, ok := strings.CutPrefix(k, "bods.check."); ok && !shown[id] {
			t.Errorf("%s is never shown", id)
		}
	}
	for id := range shown {
		if id != "" && words["bods.check."+id] == "" {
			t.Errorf("%s has no words", id)
		}
	}
}

// TestExamples: what the checks say of the standard's own examples, which hold
// to its text but for what is listed.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "related", "bods-0.4", "examples", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		statements, _ := bods.All(text)
		for _, p := range check.Check(statements, check.Options{Today: "2026-02-01"}) {
			if known[filepath.Base(name)] != p.Kind {
				t.Errorf("%s: %v", filepath.Base(name), p)
			}
		}
	}
}

// known are the examples that the checks find fault with, and what it is: their
// annotations point to where things were in version 0.3.
var known = map[string]string{
	"bods-package-annotations.json":         "annotation_statement_pointer_target_invalid",
	"bods-package-linking-annotations.json": "annotation_statement_pointer_target_invalid",
}

// FuzzCheck: nothing in a file makes a check panic.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte(`[{"recordId":"a","recordType":"person","recordDetails":{"identifiers":[{"scheme":"-"}],"birthDate":"0000"},"annotations":[{"statementPointerTarget":"/a/~2/-1"}]}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		statements, _ := bods.All(text)
		for _, p := range check.Check(statements, options) {
			if !strings.HasPrefix(p.Pointer, "/") {
				t.Error(p)
			}
		}
	})
}
