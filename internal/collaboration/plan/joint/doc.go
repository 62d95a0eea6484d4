// Package joint keeps joint projects: what government and others do together, who
// gives what to it, and whether it was given.
//
// # A project
//
// Whoever acts for an organisation proposes a Project, which that organisation
// then leads. Others are asked to take part, and do once their own account says
// so (Partner). A project goes from proposed to agreed, under way, and completed,
// or it ends with a reason (State). It is agreed only when at least one pledge of
// government and one of somebody else are each confirmed by their own account,
// and not both by one person with two hats (Ready).
//
// # A pledge
//
// A Pledge is money or something in kind, until a day. Anybody may offer for their
// own organisation, and the lead for another; it binds once somebody who acts for
// the one that gives confirms it, at the version that they saw, and its terms then
// stay. The one that gives says that it is kept, and shows it; that is shown as
// said, and counts for nothing yet. It is kept when somebody who acts for another
// partner says so. That is never the one that gives under another name, nor a
// person who belongs to it or spoke for it (Witness). If one says kept and
// another not, it is disputed, and both words stand side by side. All words stay
// (Word), and how a pledge stands follows from them alone (Settle).
//
// Past its day a pledge is overdue without anybody saying so, and one of which
// nobody said anything is silent: it can be withdrawn no more, and stays when the
// one that gives leaves. Reminders go out before, by package notify.
//
// An administrator of the site may do what the lead does, but never gives an
// organisation's word. Whoever follows an organisation (package org) speaks for it.
//
// # Numbers
//
// What the pages say of pledges in numbers (Sum, Ready), each number as a link, has
// its rows in one list (Rows), filtered by the word that was counted: the page
// /pledges, its CSV and the API. So has /joint-projects, with the sums of each.
//
// # Limits
//
// A department and the ministry that it is part of are two organisations here:
// one may confirm what the other gave. International bodies count as others than
// government. Two people who agree to deceive are not
// found out; their words are public. References to budget lines are text until
// there are records of budgets. Documents of the project (its memorandum of
// understanding) are attached by officials and editors of the organisation that
// is named as lead: after a succession, by those of the former one. What a
// pledge says, and what was said of it, is not translated. Amounts are in BZ$ or
// US$ and are not converted: they are added up for each currency.
//
// Source: the multi-stakeholder commitments of OGP's co-creation standards; the
// rule of confirmation is this project's own.
package joint
