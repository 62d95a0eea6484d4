package schema

import (
	"bytes"
	"encoding/csv"
	"path"
	"slices"
	"sync"
)

// Codelists are the codes of each codelist of OCDS 1.1, by the name of its file
// ("currency.csv"). They may not be changed. The schemas of 1.0 name none.
var Codelists = sync.OnceValue(func() map[string]map[string]bool {
	const folder = "v1.1.5/codelists"
	entries, err := files.ReadDir(folder)
	if err != nil {
		panic(err)
	}
	lists := map[string]map[string]bool{}
	for _, e := range entries {
		text, err := files.ReadFile(path.Join(folder, e.Name()))
		if err != nil {
			panic(err)
		}
		lists[e.Name()] = codes(text)
	}
	return lists
})

// codes takes the column Code of a codelist.
func codes(text []byte) map[string]bool {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		panic(err)
	}
	at := slices.Index(rows[0], "Code")
	list := map[string]bool{}
	for _, row := range rows[1:] {
		list[row[at]] = true
	}
	return list
}
