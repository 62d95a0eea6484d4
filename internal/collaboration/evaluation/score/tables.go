package score

import (
	_ "embed" // the tables
	"sync"

	"go.yaml.in/yaml/v3"

	"ceiba/internal/collaboration/evaluation/instrument"
)

//go:embed tables/pefa.yaml
var pefaFile []byte

// tables is a file of PEFA's tables.
type tables struct {
	Source instrument.Text              `yaml:"source"`
	M2     map[string]string            `yaml:"m2"`    // by letters, the best first
	Rules  map[string][]instrument.Band `yaml:"rules"` // percent
}

// pefa reads the tables once. The file is part of the program, so that what is
// wrong with it is found by any test.
var pefa = sync.OnceValue(func() (t tables) {
	if err := yaml.Unmarshal(pefaFile, &t); err != nil {
		panic(err)
	}
	return t
})

// PEFASource says where PEFA's tables are from and what must be compared with
// the original.
func PEFASource() instrument.Text { return pefa().Source }

// PEFABands are the bands of one of PEFA's rules, such as [PI11], in percent.
func PEFABands(rule string) []instrument.Band { return pefa().Rules[rule] }

// M2Table is PEFA's conversion table: the overall score by the dimensions'
// letters, the best first, such as "ABBD".
func M2Table() map[string]string { return pefa().M2 }
