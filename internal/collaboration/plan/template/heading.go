package template

// heading is what stands over a field in the templates.
type heading struct {
	label           string // in a block below "Additional information", in either language
	current, former string
	currentES       string
	formerES        string
}

// headings are OGP's own in English; the Spanish ones are those of plans from
// Spanish-speaking members. A former heading that is empty is the current one.
var headings = map[Field]heading{
	Number:         {"Number", "Number", "", "Número", ""},
	Title:          {"Title", "Name of the commitment", "Commitment title", "Nombre del compromiso", "Título del compromiso"},
	Country:        {"Country", "Country", "", "País", ""},
	Brief:          {"Brief description", "Brief description of the commitment", "", "Breve descripción del compromiso", ""},
	Problem:        {"Problem", "What problem does the commitment aim to address?", "What is the public problem that the commitment will address?", "¿Qué problema aborda el compromiso?", "¿Cuál es la problemática que el compromiso aborda?"},
	Causes:         {"Causes of the problem", "What are the causes of the problem?", "", "¿Cuáles son las causas del problema?", ""},
	DoneSoFar:      {"Done so far", "What has been done so far to solve the problem?", "", "¿Qué se ha hecho hasta ahora para resolver el problema?", ""},
	Solution:       {"Proposed solution", "What solution are you proposing?", "What is the commitment?", "¿Qué solución propone?", "¿Cuál es el compromiso?"},
	Results:        {"Results wanted", "What results do we want to achieve by implementing this commitment?", "", "¿Qué resultados queremos lograr con la implementación de este compromiso?", ""},
	Transparency:   {"Transparency", "How will the commitment promote transparency?", "", "¿Cómo promoverá el compromiso la transparencia?", ""},
	Accountability: {"Accountability", "How will the commitment help foster accountability?", "", "¿Cómo ayudará el compromiso a fomentar la rendición de cuentas?", ""},
	Participation:  {"Participation", "How will the commitment improve citizen participation in defining, implementing, and monitoring solutions?", "", "¿Cómo mejorará el compromiso la participación ciudadana en la definición, implementación y seguimiento de soluciones?", ""},
	Contribution:   {"Contribution to solving the problem", "How will the commitment contribute to solve the public problem?", "", "¿Cómo contribuirá a resolver la problemática?", ""},
	Relevance:      {"Relevance to OGP values", "Why is this commitment relevant to OGP values?", "", "¿Por qué es relevante a los valores de OGP?", ""},
	Additional:     {"Additional information", "Additional information", "", "Información adicional", ""},
	Budget:         {"Budget", "Budget", "", "Presupuesto", ""},
	Links:          {"Links to other programmes and plans", "Links to other programmes and plans", "", "Vínculos con otros programas y planes", ""},
	SDGs:           {"Sustainable Development Goals", "Sustainable Development Goals", "", "Objetivos de Desarrollo Sostenible", ""},
	Lead:           {"Lead", "Commitment lead", "Lead implementing agency", "Institución responsable del compromiso", "Institución o actor responsable de la implementación"},
	ContactName:    {"Contact: name", "Name of responsible person", "", "Nombre de la persona responsable", ""},
	ContactTitle:   {"Contact: title and department", "Title, department", "", "Cargo, departamento", ""},
	ContactReach:   {"Contact: e-mail and phone", "E-mail and phone", "", "Correo electrónico y teléfono", ""},
	Government:     {"Supporting: government", "Supporting stakeholders: government", "Other actors involved: state actors", "Actores de apoyo: gobierno", "Otros actores involucrados: actores estatales"},
	CivilSociety:   {"Supporting: civil society", "Supporting stakeholders: civil society", "Other actors involved: CSOs, private sector, multilaterals, working groups", "Actores de apoyo: sociedad civil", "Otros actores involucrados: OSC, sector privado, multilaterales, grupos de trabajo"},
	Other:          {"Supporting: others", "Supporting stakeholders: other actors (parliament, private sector, academia)", "", "Actores de apoyo: otros (parlamento, sector privado, academia)", ""},
	Start:          {"Start date", "Start date", "", "Fecha de inicio", ""},
	End:            {"End date", "End date", "", "Fecha de término", ""},
	Text:           {"Full text", "Full text", "", "Texto completo", ""},

	MilestoneTitle:      {"Activity", "Milestone", "Milestone activity with a verifiable deliverable", "Hito", "Actividad con un producto verificable"},
	MilestoneOutput:     {"Expected outputs", "Expected outputs", "", "Productos esperados", ""},
	MilestoneBudget:     {"Cost", "Budget of the milestone", "Milestone budget", "Presupuesto del hito", ""},
	MilestoneStart:      {"Start", "Milestone start date", "Milestone start date", "Inicio del hito", ""},
	MilestoneEnd:        {"End", "Expected completion date", "Milestone end date", "Fecha prevista de finalización", "Término del hito"},
	MilestoneIndicator:  {"Indicator", "Indicator", "", "Indicador", ""},
	MilestoneBaseline:   {"Baseline", "Baseline", "", "Línea de base", ""},
	MilestoneTarget:     {"Target", "Target", "", "Meta", ""},
	MilestoneLead:       {"Responsible", "Stakeholders: lead", "", "Actores: responsable", ""},
	MilestoneSupporting: {"In support", "Stakeholders: supporting", "", "Actores: de apoyo", ""},
}

// fieldOfLabel finds a field by its label.
var fieldOfLabel = func() map[string]Field {
	out := map[string]Field{}
	for f, h := range headings {
		out[h.label] = f
	}
	return out
}()

func label(f Field) string { return headings[f].label }

// Heading is what a template writes over a field, in English ("en") or Spanish
// ("es"); English for any other language.
func Heading(v View, f Field, lang string) string {
	h := headings[f]
	now, then := h.current, h.former
	if lang == "es" {
		now, then = h.currentES, h.formerES
	}
	if v == Former && then != "" {
		return then
	}
	return now
}

// parts are the headings over several fields in the current template, and those
// of a plan.
var parts = map[string][2]string{
	"problem":      {"Problem definition", "Definición del problema"},
	"description":  {"Commitment description", "Descripción del compromiso"},
	"analysis":     {"Commitment analysis", "Análisis del compromiso"},
	"planning":     {"Commitment planning", "Planificación del compromiso"},
	"introduction": {"Introduction", "Introducción"},
	"efforts":      {"Open government efforts to date", "Esfuerzos de gobierno abierto hasta la fecha"},
	"process":      {"How this plan was made", "Cómo se elaboró este plan"},
	"challenges":   {"Challenges", "Desafíos"},
	"vision":       {"Long-term vision", "Visión a largo plazo"},
	"commitments":  {"Commitments", "Compromisos"},
	"contents":     {"Contents", "Contenido"},
	"page":         {"Page", "Página"},
}

// partBefore says which fields of the current template begin a part.
var partBefore = map[Field]string{Problem: "problem", DoneSoFar: "description", Transparency: "analysis"}

func partHeading(key, lang string) string {
	if lang == "es" {
		return parts[key][1]
	}
	return parts[key][0]
}
