// Package listed is the public lists of the plans: commitments, milestones, what
// was reported of them, outreach, documents, and what each requirement was judged
// by. Every figure on the pages of the plans leads to one of them (ui.Figure), and
// each is a page, a CSV and a part of the API (package listing).
//
// Promises: a list counts by the same functions as the pages (plan.Promises,
// plan.Stand, require.Judge), so that a figure and its rows cannot differ; it shows
// what its reader may see of plans, and of all plans only what is public.
//
// Limits: without a filter the lists go from plan to plan, the newest first, with
// some queries for each.
package listed
