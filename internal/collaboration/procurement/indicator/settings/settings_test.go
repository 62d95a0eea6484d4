package settings_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/ground/needtest"
)

func TestReadsASettingsFile(t *testing.T) {
	s, err := settings.Read(strings.NewReader(`currency = BZD
; a comment
no_price_comparison_procurement_methods = Random Selection|Lottery
[output]
info_currency_mismatches = true
[defaults]
party_roles = yes
[redactions]
amount = 99999999|none|0
organization_id = placeholder|
[modifications]
split_procurement_method_details = " - "
[codelists.bid_status]
Qualified = valid
[R003]
threshold = 10
procurement_methods = open
[R003.procurement_method_details]
emergency = 5
[R024]
threshold = 0.05
[R048]
[somebody else's]
x = y
`))
	if err != nil {
		t.Fatal(err)
	}
	at, dash := 0.05, " - "
	want := settings.Settings{
		Currency: "BZD", NoPriceComparison: []string{"Random Selection", "Lottery"},
		R003: &settings.R003{Threshold: 10, Methods: []string{"open"}, ByDetails: map[string]int64{"emergency": 5}},
		R024: &settings.Fence{Threshold: &at},
		R048: &settings.R048{Digits: 2, MinimumProcesses: 20},
		Prepare: settings.Prepare{
			PartyRoles: true, RedactAmounts: []float64{0, 99999999}, RedactIDs: []string{"placeholder"},
			SplitDetails: &dash, BidStatuses: map[string]string{"Qualified": "valid"},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestSaysWhatIsWrongAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		"[R024]\nthreshhold = 1":                      "line 2: [R024] has no \"threshhold\"",
		"[R028]\n\nthreshold = 1":                     "line 3: [R028] has no \"threshold\"",
		"[R024]\nthreshold = much":                    "line 2: threshold: \"much\" is not a number that can stand here",
		"[R035]\nthreshold = -1":                      "line 2: threshold: \"-1\" is not a number that can stand here",
		"[defaults]\nparty_roles = perhaps":           "line 2: party_roles: \"perhaps\" is neither true nor false",
		"[R003.procurement_method_details]\nx = soon": "line 2: x: \"soon\" is not a number that can stand here",
		"[R024":  "line 1: the section \"[R024\" has no ] at its end",
		"R024\n": "line 1: \"R024\" is neither [section] nor name = value",
	} {
		if _, err := settings.Read(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// Cardinal's example enables everything with its defaults.
func TestAllIsTheExampleOfCardinal(t *testing.T) {
	f, err := os.Open(filepath.Join(needtest.Data(t), "ocds", "cardinal-fixtures", "docs", "examples", "settings.ini"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := settings.Read(f)
	if err != nil || !reflect.DeepEqual(got, settings.All()) {
		t.Errorf("got %+v, want %+v; %v", got, settings.All(), err)
	}
}
