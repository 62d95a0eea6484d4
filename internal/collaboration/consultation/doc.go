// Package consultation puts a text before the public: people read it paragraph
// by paragraph, say what they think of each, propose other words, and hear what
// became of it.
//
// # How it works
//
// A Consultation has an office that answers, a time in which people may write,
// and versions of one text. Versions never change. Package paragraph gives the
// paragraphs numbers that they keep, so that what people wrote stays where it
// belongs when the next version comes; what it was about may be gone from the
// text, but then it is shown with the words as they were.
//
// An Annotation is a comment, a question or an amendment (other words for a
// paragraph, with a reason). Its words are a comment of package record on the
// record "annotation", so that discussion, rate limits, reports, moderation and
// appeals are those of the whole site; the answers to it are its replies.
//
// Each annotation is owed a public answer with a reason (Respond): one of them or
// many at once. Accepting an amendment makes the next version of the text, with
// its author named, and answers it in the same transaction.
//
// # Promises
//
//   - Opening, closing and extending are stamped by the server's clock, and the
//     announced end never comes closer. The clock itself closes: the job that
//     writes it down may come later and changes nothing.
//   - An amendment never leaves the edges of Steps; of two for one paragraph at
//     most one is accepted, and the other is superseded and still answered.
//   - Nothing that people wrote is lost by a new version, and nothing is counted
//     as answered that is not.
//   - Facts says what was public at a moment in the past: announced times,
//     annotations by sector, answers.
//
// # Limits
//
// An author may change the words of an annotation after it was answered; the
// page then says that it was changed. A person's sector is that of the
// organisation for which they say that they speak, and must belong to it. Facts
// leaves out what a moderator hid or its author took back since. An amendment is
// of one paragraph, never of a section. Texts have up to half a million
// characters and 5,000 paragraphs. Paragraphs are not translated by package
// record; a translation of the text is another consultation.
//
// # Sources
//
// OGP Participation and Co-creation Standards (2022), minimum requirements 3.1,
// 3.3 and 4.1; draft versions and annotations in CONSUL Democracy, amendments in
// Decidim; W3C Web Annotation Data Model for anchors.
package consultation
