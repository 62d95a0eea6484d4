// Package review is the workbench of independent reviewers, who assess action
// plans by the method of OGP's Independent Reporting Mechanism (IRM).
//
// # An assessment
//
// An Assessment is one report on one plan: a co-creation brief, an action plan
// review, a midterm review or a results report (codebook.Product), each due by
// its own rule (DueOn). Its reviewers, and nobody else, write it: not the office
// of the plan, and not an administrator, who may only name reviewers. It goes
// from draft by way of public comment to final. The comment is open for at least
// fourteen days by the server's clock, and what was said is published with the
// reviewers' answers. What became final stays as it was (Report); a correction
// is a new edition, with a reason, that is commented on again.
//
// # Codes
//
// Commitments are coded by the code-book. Each code has a reason and something
// that shows it, and is a new version; none is overwritten. Commitments that
// share a reform are rated once, as a cluster. Requirements of the process are
// judged with the computed verdicts beside them, and the page says where the
// reviewer and the computer differ.
//
// # Interests
//
// A reviewer who belongs to, or has declared an interest in, an organisation
// that answers for a commitment cannot code it, and one tied to the office that
// leads the plan cannot judge its process. Declarations are public. They bar what
// is coded from then on: a code that was there before stays, with its reviewer.
//
// A report cannot be put out, nor become final, while all of its reviewers belong
// to government alone.
//
// # Three series
//
// What the government says of its milestones, what civil society says, and the
// reviewer's codes stand side by side and are never averaged. Index is the share
// in which they differ, with the rows behind it.
//
// # Limits
//
// While a draft is open for comments its codes may still change; the log shows
// it. The panel that reviews the IRM's own reports has no place here. A comment is
// shown to the reviewers at once and to everybody with the final report: only then
// can it be reported and moderated, as any comment (record.Adopt). A forum's members are told of a draft only where Reviews.Forum
// says who they are. Recommendations are text, and are not followed up.
//
// Sources: IRM product pages (Co-Creation Brief, Action Plan Review, Midterm
// Review, Results Report), its glossary (ambition, completion, early results),
// and the OGP's table of commitments (package ogpfile).
package review
