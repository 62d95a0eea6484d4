package codebook

// Sheet is how one commitment is coded: values by variable. What is not in it
// is not coded yet.
type Sheet map[string]string

// Relevant reports whether the commitment has an open-government lens: coded as
// such since 2020, and before that by at least one of the values. Technology
// alone never was one.
func (s Sheet) Relevant() bool {
	return s["lens"] == "yes" || s["value_information"] == "yes" || s["value_participation"] == "yes" || s["value_accountability"] == "yes"
}

// Stopped reports whether the decision procedure ends before the potential for
// results: the commitment is not verifiable, or has no open-government lens.
func (s Sheet) Stopped() bool { return s["verifiable"] == "no" || s["lens"] == "no" }

// through reports whether both questions before the potential are answered with
// yes.
func (s Sheet) through() bool { return s["verifiable"] == "yes" && s["lens"] == "yes" }

// MayPromise reports whether the commitment may be called promising: its
// potential is substantial, or modest with a clear value for reform, which the
// reviewer's reason has to show.
func (s Sheet) MayPromise() bool {
	return s.through() && (s["potential"] == "substantial" || s["potential"] == "modest")
}

// Featured reports whether a report tells of the commitment by itself: it is
// promising, or turned out significant.
func (s Sheet) Featured() bool { return s["promising"] == "yes" || s["early"] == "significant" }

// Conflict returns the first variable whose value cannot stand beside the
// others, and the last part of the key of the sentence that says why.
func (s Sheet) Conflict() (variable, why string) {
	vague := s["specificity"] == "none" || s["specificity"] == "low"
	sharp := s["specificity"] == "medium" || s["specificity"] == "high"
	switch {
	case s["verifiable"] == "yes" && vague, s["verifiable"] == "no" && sharp:
		return "specificity", "specificity_differs"
	case s["potential"] != "" && !s.through():
		return "potential", "potential_first"
	case s["promising"] == "yes" && !s.MayPromise():
		return "promising", "not_promising"
	}
	return "", ""
}

// Needed returns which of some variables still have to be coded. Where the
// procedure stopped, the potential and whether it is promising need no code.
func (s Sheet) Needed(of []Variable) (out []Variable) {
	for _, v := range of {
		if s[v.ID] == "" && !(s.Stopped() && (v.ID == "potential" || v.ID == "promising")) {
			out = append(out, v)
		}
	}
	return out
}

// Starred reports whether the commitment is starred by the present formula, by
// the completion in one of the two reports: verifiable, relevant,
// transformative, and substantially or wholly completed. The rule of 2014 took
// a moderate impact as well.
func (s Sheet) Starred(completion string, moderate bool) bool {
	ambitious := s["impact"] == "transformative" || moderate && s["impact"] == "moderate"
	done := s[completion] == "substantial" || s[completion] == "complete"
	return s["verifiable"] == "yes" && s.Relevant() && ambitious && done
}
