package ui

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/service/i18n"
)

// FieldError is a problem with one field of a form, as the summary lists it.
type FieldError struct {
	Name string // of the field
	Text string // what is wrong and how to mend it
}

// FieldErrors are the problems of a form, in the order of its fields.
type FieldErrors []FieldError

// Of returns the text of the problem with the field called name.
func (e FieldErrors) Of(name string) string {
	for _, x := range e {
		if x.Name == name {
			return x.Text
		}
	}
	return ""
}

// Only returns the problems of one field, and Without those of all others: for
// a page with two forms.
func (e FieldErrors) Only(name string) FieldErrors {
	return slices.DeleteFunc(slices.Clone(e), func(x FieldError) bool { return x.Name != name })
}

// Without returns the problems of all fields but one.
func (e FieldErrors) Without(name string) FieldErrors {
	return slices.DeleteFunc(slices.Clone(e), func(x FieldError) bool { return x.Name == name })
}

// FormBox is a form with its errors on top and its buttons below; its children
// are the fields. A GET form posts nothing and needs no buttons of danger.
type FormBox struct {
	Action    string
	Get       bool // sends with GET; otherwise POST
	Multipart bool // carries files
	Errors    FieldErrors
	Submit    string // words on the button: what happens, "Publish the dataset"
	Busy      string // words on the button while it is sent; "Sending" when empty
	Danger    bool   // what is done cannot be undone
	Cancel    Link   // the way back; none when empty
	Version   int64  // of the row that is edited; 0 for none. Sent as "version"
	Hidden    []Hidden
	Plain     bool // leaves out the note that says which fields may stay empty
	still     bool // its summary leaves the focus where it is: for Design
}

// Option is one choice of a Select, Radios or Checkboxes.
type Option struct {
	Value    string
	Label    string
	Hint     string
	Group    string // heading under which neighbours with the same group stand in a Select
	Selected bool
	Disabled bool
}

// Width is how many characters a text field shows.
type Width string

// The widths. Full takes the width of the text column.
const (
	Full   Width = ""
	Narrow Width = "w-narrow" // a code, a year
	Short  Width = "w-short"  // a telephone number, an amount
	Middle Width = "w-middle" // a name
)

// TextField asks for one line.
type TextField struct {
	Name, ID     string // ID is "f-"+Name when empty
	Label        string
	Hint         string
	Error        string
	Value        string
	Type         string // text, email, tel, url, search, password, number; text when empty
	Autocomplete string // the purpose by WCAG 1.3.5: "email", "name", "one-time-code"
	InputMode    string // "numeric", "decimal"
	Optional     bool
	ReadOnly     bool
	Width        Width
	Max          int    // characters; 0 for no limit
	Suffix       string // a unit shown behind the field
	Spellcheck   bool
	List         []string // proposals
}

// TextArea asks for several lines.
type TextArea struct {
	Name, ID string
	Label    string
	Hint     string
	Error    string
	Value    string
	Optional bool
	Depends  bool // on what is chosen beside it whether it may stay empty: the browser lets it pass, the server asks
	Rows     int  // 5 when 0
	Max      int  // characters; with a script the rest is counted down
	Lang     string
}

// Select asks for one of many choices. For up to seven, use Radios.
type Select struct {
	Name, ID     string
	Label        string
	Hint         string
	Error        string
	Options      []Option
	Empty        string // words of an empty first choice; none when empty
	Optional     bool
	Width        Width
	Autocomplete string
}

// Radios asks for one of a few choices, all visible.
type Radios struct {
	Name, ID string
	Label    string
	Hint     string
	Error    string
	Options  []Option
	Optional bool
	Inline   bool
}

// Checkboxes asks for any number of choices.
type Checkboxes struct {
	Name, ID string
	Label    string
	Hint     string
	Error    string
	Options  []Option
	Optional bool
	Inline   bool
}

// Check is one box to tick: an agreement or a switch.
type Check struct {
	Name, ID string
	Label    string
	Hint     string
	Error    string
	Value    string // "yes" when empty
	Checked  bool
	Required bool
}

// FileField asks for one or more files.
type FileField struct {
	Name, ID string
	Label    string
	Hint     string
	Error    string
	Accept   string // media types and endings, comma-separated
	Multiple bool
	Capture  bool // on a phone, offers the camera first
	Optional bool
	MaxBytes int64 // shown beside the hint; 0 for none
	Kept     []string
	// Resume is where a large file goes in pieces by the protocol tus before the
	// form, whose field "upload" then names it. Without script, and when empty,
	// the file goes with the form.
	Resume string
}

// Sending is what a reader sees of a file that goes up in pieces. The page's
// script fills it in; Done, Total and State are for Design.
type Sending struct {
	To          string // where the pieces go
	Done, Total int64
	State       string // of the words "upload.": waiting, paused …
}

// sendingWords are the sentences "upload." that the script says.
var sendingWords = []string{"going", "of", "soon", "minutes", "hours", "percent", "paused", "waiting", "before", "arrived", "signin", "gone", "changed", "refused", "pause", "on"}

// sentences are the words that the script of a file field needs.
func (s Sending) sentences(ctx context.Context) (string, error) {
	words := map[string]string{}
	for _, k := range sendingWords {
		words[k] = t(ctx, "upload."+k)
	}
	text, err := json.Marshal(words)
	return string(text), err
}

// sofar is "3.1 MB of 12.4 MB".
func (s Sending) sofar(ctx context.Context) string {
	return t(ctx, "upload.of", "done", i18n.Bytes(ctx, s.Done), "total", i18n.Bytes(ctx, s.Total))
}

// DateField asks for a date in three parts, named Name.day, Name.month and
// Name.year, which people type more surely than they pick it.
type DateField struct {
	Name, ID string
	Label    string
	Hint     string // an example is given when empty
	Error    string
	Value    string // a civil date, or its parts as they were typed (web.Form.Date)
	Optional bool
	Birthday bool // the reader's own date of birth: browsers fill it in
}

// DateOf is a DateField's value from its parts as they were typed.
func DateOf(year, month, day string) string {
	if year+month+day == "" {
		return ""
	}
	return year + "-" + month + "-" + day
}

// DatePart is a part of a DateField's value, as its inputs show it: 0 the year, 1
// the month, 2 the day; as it was typed where it is no number.
func DatePart(value string, i int) string {
	parts := strings.SplitN(value, "-", 3)
	if i >= len(parts) || value == "" {
		return ""
	}
	if n, err := strconv.Atoi(parts[i]); err == nil && n > 0 {
		return strconv.Itoa(n)
	}
	return parts[i]
}

// MoneyField asks for an amount in one currency.
type MoneyField struct {
	Name, ID string
	Label    string
	Hint     string
	Error    string
	Value    string
	Currency string // the sign before the field; "BZ$" when empty
	Optional bool
}

// Hidden carries a value through a form.
type Hidden struct {
	Name  string
	Value string
}

// Button sends the form it stands in, or leads on when it has an Href.
type Button struct {
	Text   string
	Href   string
	Name   string
	Value  string
	Quiet  bool // an outline: the second choice
	Danger bool // cannot be undone
	Icon   string
	Action string // address that only this button sends the form to
}

// ErrorSummary lists what is wrong with a form, each a link to its field. It
// takes the focus, so that a screen reader says it first.
type ErrorSummary struct {
	Errors FieldErrors
	still  bool
}

// frame is what all fields have around the control.
type frame struct {
	id, label, hint, err string
	optional, depends    bool
	group                bool // a fieldset with a legend instead of a label
	width                Width
}

// FieldID is the id of the field called name, to which the summary links.
func FieldID(name string) string { return "f-" + strings.ReplaceAll(name, " ", "-") }

func fieldID(id, name string) string {
	if id != "" {
		return id
	}
	return FieldID(name)
}

// describedBy lists the ids of hint and error, for aria-describedby.
func (f frame) describedBy(more ...string) string {
	var ids []string
	if f.hint != "" {
		ids = append(ids, f.id+"-hint")
	}
	if f.err != "" {
		ids = append(ids, f.id+"-error")
	}
	return strings.Join(append(ids, more...), " ")
}

func (f TextField) frame() frame {
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: f.Hint, err: f.Error, optional: f.Optional, width: f.Width}
}

func (f TextField) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f TextArea) frame() frame {
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: f.Hint, err: f.Error, optional: f.Optional, depends: f.Depends}
}

func (f TextArea) rows() string {
	if f.Rows == 0 {
		return "5"
	}
	return strconv.Itoa(f.Rows)
}

func (f Select) frame() frame {
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: f.Hint, err: f.Error, optional: f.Optional, width: f.Width}
}

// groups cuts the options where their group changes.
func (f Select) groups() [][]Option {
	var out [][]Option
	for i, o := range f.Options {
		if i == 0 || o.Group != f.Options[i-1].Group {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], o)
	}
	return out
}

func (f Radios) frame() frame {
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: f.Hint, err: f.Error, optional: f.Optional, group: true}
}

func (f Checkboxes) frame() frame {
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: f.Hint, err: f.Error, optional: f.Optional, group: true}
}

// choiceID is the id of the i-th choice; the first has the group's own, so that
// the summary's link lands on it.
func choiceID(id string, i int) string {
	if i == 0 {
		return id
	}
	return id + "-" + strconv.Itoa(i+1)
}

func (f FileField) frame() frame {
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: f.Hint, err: f.Error, optional: f.Optional}
}

func (f FileField) note() string {
	if f.MaxBytes > 0 {
		return fieldID(f.ID, f.Name) + "-max"
	}
	return ""
}

func (f DateField) frame(ctx context.Context) frame {
	hint := f.Hint
	if hint == "" {
		hint = t(ctx, "date.hint")
	}
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: hint, err: f.Error, optional: f.Optional, group: true}
}

func (f DateField) auto(part string) string {
	if f.Birthday {
		return "bday-" + part
	}
	return "off"
}

func (f MoneyField) frame() frame {
	return frame{id: fieldID(f.ID, f.Name), label: f.Label, hint: f.Hint, err: f.Error, optional: f.Optional, width: Short}
}

func (f MoneyField) sign() string {
	if f.Currency == "" {
		return "BZ$"
	}
	return f.Currency
}

func (c Check) value() string {
	if c.Value == "" {
		return "yes"
	}
	return c.Value
}

func (b Button) class() string {
	class := "button"
	if b.Quiet {
		class += " quiet"
	}
	if b.Danger {
		class += " danger"
	}
	return class
}

func (f FormBox) method() string {
	if f.Get {
		return "get"
	}
	return "post"
}

// aria is what every control says about itself: whether it must be filled in,
// whether it is wrong, and which texts describe it.
func aria(f frame, more ...string) templ.Attributes {
	a := templ.Attributes{"required": !f.optional && !f.depends}
	if f.err != "" {
		a["aria-invalid"] = "true"
	}
	if d := strings.TrimSpace(f.describedBy(more...)); d != "" {
		a["aria-describedby"] = d
	}
	return a
}
