// Package plan keeps action plans by the method of the Open Government
// Partnership: how a plan is made together, what it promises, whether the
// promises are kept, and whether the process meets what OGP asks of it.
//
// # A plan
//
// A Plan goes from preparing by way of a published timeline, co-creation, a
// draft, answers and approval to delivery, and is then carried out, ends, and is
// assessed (State). Every step is kept with who took it, when by the server's
// clock, and why. The timeline is published in versions that never change.
//
// # A commitment
//
// A Commitment has the texts of the present OGP template and of the former one
// at once (Texts). Before delivery each save is a version; afterwards its text
// changes only by an amendment, with a reason and, where a forum owns the plan,
// its decision. It is agreed only when every milestone has an output that can be
// verified and a date. Its parties are named by the office and confirmed by
// their own accounts.
//
// # Keeping it
//
// Progress is what one of three voices says of a milestone: government, civil
// society, or an independent reviewer. They are three series, never averaged. A
// government that claims more than "limited" shows something for it; nobody
// says "not started" or "limited" without what stands in the way; saying less
// than before needs a reason. What is shown is the lowest that can be defended
// (Shown): a claim without evidence is "claimed", half a year without a word is
// "silent".
//
// # Checking it
//
// Package require holds the rules; Facts gathers, from what was on record at
// some moment, what they judge.
//
// # Limits
//
// A party's withdrawal does not change a commitment's state. Pledges and joint
// projects are package joint's, what independent reviewers code is package
// review's; neither changes what is shown of a milestone here.
//
// Sources: OGP Participation and Co-creation Standards (2021), the OGP action
// plan templates, the progress tracker of Canada's national action plans.
package plan
