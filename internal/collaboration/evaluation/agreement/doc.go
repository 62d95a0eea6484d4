// Package agreement measures how far people who scored the same things, each
// for themselves, agree beyond what chance would give: Krippendorff's alpha,
// Cohen's kappa, Fleiss' kappa and Gwet's AC1.
//
// What it promises:
//
//   - A statistic that is not defined comes as an error with its reason, never
//     as NaN: [Undefined].
//   - The same scores, seed and number of resamples give the same bits on every
//     machine and with any number of workers. Each resample has a generator of
//     its own (PCG of package math/rand/v2), sums run in the order of the units,
//     and products are rounded before they are added, so that no processor
//     fuses them.
//   - Beside alpha stands what a reader needs to judge it: how many units and
//     scores it rests on, which share of the scores is missing, and an interval.
//
// Sources: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011),
// and Content Analysis (2004) for the limits .800 and .667; J. Cohen (1960 and
// 1968); J. Fleiss, J. Cohen and B. Everitt, Large sample standard errors of
// kappa and weighted kappa (1969); J. Fleiss (1971) and J. Fleiss, J. Nee and
// J. Landis (1979) for z; K. Gwet (2008). The values that the tests compare
// with were published with fast-krippendorff, statsmodels, scikit-learn, SAS
// and the package irr of R; where the file says "computed here", by an
// independent program only.
//
// It stops here: alpha's interval is a percentile bootstrap over units, which
// is too narrow with few of them. AC1 comes without a standard error, and none
// of the statistics weighs raters. Categories of a kappa lie one step apart,
// in the order of the table.
package agreement
