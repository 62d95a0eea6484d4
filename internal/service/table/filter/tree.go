package filter

// Columns lists the columns that a filter looks at; "@" stands for the place.
func Columns(f Filter) []string {
	switch f := f.(type) {
	case And:
		return columnsOfAll(f)
	case Or:
		return columnsOfAll(f)
	case Not:
		return Columns(f.Of)
	case Compare:
		return []string{f.Column}
	case In:
		return []string{f.Column}
	case Between:
		return []string{f.Column}
	case Like:
		return []string{f.Column}
	case IsNull:
		return []string{f.Column}
	case InBox:
		return []string{"@"}
	}
	return nil
}

func columnsOfAll(parts []Filter) []string {
	var out []string
	for _, p := range parts {
		out = append(out, Columns(p)...)
	}
	return out
}

// Conjuncts splits a filter into parts that must all hold.
func Conjuncts(f Filter) []Filter {
	switch f := f.(type) {
	case nil:
		return nil
	case And:
		var out []Filter
		for _, p := range f {
			out = append(out, Conjuncts(p)...)
		}
		return out
	}
	return []Filter{f}
}
