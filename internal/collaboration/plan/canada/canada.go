package canada

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ceiba/internal/collaboration/plan/template"
)

// Text is a text in Canada's two languages.
type Text struct {
	EN string `yaml:"en"`
	FR string `yaml:"fr"`
}

// Plan is a national action plan.
type Plan struct {
	ID          string // nap5, nap6
	Title       string
	Periods     []string // for which departments report: year and month, in order
	Commitments []Commitment
	Statuses    []Status // from the lowest to the highest
	// Challenges are the status codes for which a report must name challenges.
	Challenges []string
}

// Commitment is a promise of the plan.
type Commitment struct {
	Code       string // C01
	Title      Text
	Milestones []Milestone
}

// Milestone is a step of a commitment.
type Milestone struct {
	Code       string // C01.1
	Title      Text
	Indicators []Indicator
}

// Indicator is what a department reports on.
type Indicator struct {
	Code        string // C01.1.1
	Title       Text
	Deadline    Text     // in words: By 2023, Ongoing
	Due         string   // year and month, 2023-12; empty where the file has only words
	Departments []string // in the lead, by short name such as tbs-sct
	// S4D is a mark of the file, which does not say what it means.
	S4D bool
}

// Status is a code for how far an indicator has come.
type Status struct {
	Code string // NS, LP, SP, C
	Name Text
}

// choice is an entry of a list of choices, with what any list gives it.
type choice struct {
	Text     `yaml:",inline"`
	Deadline Text      `yaml:"deadline"`
	Due      string    `yaml:"due_date"`
	Lead     oneOrMore `yaml:"lead_dept"`
	S4D      bool      `yaml:"s4d"`
}

// oneOrMore is a text or a list of texts.
type oneOrMore []string

// UnmarshalYAML reads either.
func (o *oneOrMore) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode((*[]string)(o))
	}
	*o = []string{""}
	return n.Decode(&(*o)[0])
}

// table is the part of the file that is read.
type table struct {
	ID        string `yaml:"dataset_type"`
	Title     string `yaml:"title"`
	Resources []struct {
		Fields []struct {
			ID       string    `yaml:"datastore_id"`
			Choices  yaml.Node `yaml:"choices"`
			Required string    `yaml:"js_required_eval"`
		} `yaml:"fields"`
	} `yaml:"resources"`
}

// maxBytes bounds what is read; the real files have less than 100 kB.
const maxBytes = 4 << 20

var (
	commitmentCode = regexp.MustCompile(`^C\d+$`)
	milestoneCode  = regexp.MustCompile(`^C\d+\.\d+$`)
	indicatorCode  = regexp.MustCompile(`^C\d+\.\d+\.\d+$`)
	requiredStatus = regexp.MustCompile(`{{status}}\s*==\s*"(\w+)"`)
)

// Read reads a table such as nap6.yaml. It fails when the file is another, when
// a code has no parent, or when a list that it needs is missing.
func Read(r io.Reader) (p Plan, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return p, err
	}
	var t table
	switch err := yaml.Unmarshal(raw, &t); {
	case len(raw) > maxBytes:
		return p, errors.New("the file is larger than any table of a plan")
	case err != nil:
		return p, fmt.Errorf("not the YAML of a plan: %w", err)
	case !strings.HasPrefix(t.ID, "nap") || len(t.Resources) == 0:
		return p, errors.New("not a table of a national action plan: no dataset_type nap")
	}
	p.ID, p.Title = t.ID, t.Title
	for _, f := range t.Resources[0].Fields {
		list, err := choices(&f.Choices)
		if err == nil {
			err = p.take(f.ID, list)
		}
		if err != nil {
			return p, fmt.Errorf("%s: %w", f.ID, err)
		}
		if f.ID == "challenges_en" {
			for _, m := range requiredStatus.FindAllStringSubmatch(f.Required, -1) {
				p.Challenges = append(p.Challenges, m[1])
			}
		}
	}
	return p, p.complete()
}

// entry is a choice with its code, in the order of the file.
type entry struct {
	code string
	choice
}

// choices reads a mapping of codes in its order.
func choices(n *yaml.Node) (out []entry, err error) {
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := entry{code: n.Content[i].Value}
		if n.Content[i+1].Kind == yaml.MappingNode {
			err = n.Content[i+1].Decode(&e.choice)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.code, err)
		}
		out = append(out, e)
	}
	return out, nil
}

// take files a list under its field.
func (p *Plan) take(field string, list []entry) error {
	for _, e := range list {
		var err error
		switch field {
		case "reporting_period":
			_, err = time.Parse("2006-01", e.code)
			p.Periods = append(p.Periods, e.code)
		case "commitments":
			err = wants(commitmentCode, e.code)
			p.Commitments = append(p.Commitments, Commitment{Code: e.code, Title: e.Text})
		case "milestones":
			err = p.addMilestone(e)
		case "indicators":
			err = p.addIndicator(e)
		case "status":
			p.Statuses = append(p.Statuses, Status{e.code, e.Text})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func wants(form *regexp.Regexp, code string) error {
	if !form.MatchString(code) {
		return fmt.Errorf("%q is not a code of this level", code)
	}
	return nil
}

func (p *Plan) addMilestone(e entry) error {
	parent, _, _ := strings.Cut(e.code, ".")
	i := slices.IndexFunc(p.Commitments, func(c Commitment) bool { return c.Code == parent })
	if i < 0 {
		return fmt.Errorf("milestone %s belongs to no commitment", e.code)
	}
	p.Commitments[i].Milestones = append(p.Commitments[i].Milestones, Milestone{Code: e.code, Title: e.Text})
	return wants(milestoneCode, e.code)
}

func (p *Plan) addIndicator(e entry) error {
	for i := range p.Commitments {
		for j := range p.Commitments[i].Milestones {
			m := &p.Commitments[i].Milestones[j]
			if strings.HasPrefix(e.code, m.Code+".") {
				m.Indicators = append(m.Indicators, Indicator{e.code, e.Text, e.Deadline, e.Due, e.Lead, e.S4D})
				return wants(indicatorCode, e.code)
			}
		}
	}
	return fmt.Errorf("indicator %s belongs to no milestone", e.code)
}

func (p *Plan) complete() error {
	milestones, indicators := p.Counts()
	if len(p.Periods) == 0 || len(p.Commitments) == 0 || milestones == 0 || indicators == 0 || len(p.Statuses) == 0 {
		return errors.New("not a table of a national action plan: periods, commitments, milestones, indicators or status codes are missing")
	}
	slices.Sort(p.Periods)
	return nil
}

// Counts says how many milestones and indicators the plan has.
func (p Plan) Counts() (milestones, indicators int) {
	for _, c := range p.Commitments {
		milestones += len(c.Milestones)
		for _, m := range c.Milestones {
			indicators += len(m.Indicators)
		}
	}
	return milestones, indicators
}

// NeedsChallenges tells whether a report with a status must name challenges:
// NAP6 asks for them where an indicator is not started or has limited progress.
func (p Plan) NeedsChallenges(status string) bool { return slices.Contains(p.Challenges, status) }

// Template turns the plan into the canonical form, in English. A milestone of
// Canada's is what its indicators measure, so that each indicator becomes a
// milestone whose output is what Canada calls the milestone; its code stands
// before its text.
func (p Plan) Template() template.Plan {
	out := template.Plan{Title: p.Title, Country: "Canada"}
	if len(p.Periods) > 0 {
		out.Start, out.End = p.Periods[0], p.Periods[len(p.Periods)-1]
	}
	for _, c := range p.Commitments {
		out.Commitments = append(out.Commitments, c.Template())
	}
	return out
}

// Template turns the commitment into the canonical form, as Plan.Template does.
// Its leads are the departments of its indicators.
func (c Commitment) Template() template.Commitment {
	out := template.Commitment{Number: c.Code, Title: c.Title.EN, Country: "Canada"}
	var leads []string
	for _, m := range c.Milestones {
		for _, i := range m.Indicators {
			out.Milestones = append(out.Milestones, template.Milestone{
				Title: i.Code + " " + i.Title.EN, Output: m.Code + " " + m.Title.EN, End: cmp.Or(i.Due, i.Deadline.EN), Indicator: i.Title.EN, Lead: strings.Join(i.Departments, "; "),
			})
			for _, d := range i.Departments {
				if !slices.Contains(leads, d) {
					leads = append(leads, d)
				}
			}
		}
	}
	out.Lead = strings.Join(leads, "; ")
	return out
}
