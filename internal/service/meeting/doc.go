// Package meeting keeps the meetings of any body that meets: notice, agenda,
// invitations, registration of guests, attendance, quorum, what was presented
// and said, minutes, actions, the calendar.
//
// A meeting belongs to a body, which is a record of any kind (a forum, an
// organisation, a programme of training). The body's domain sets the rules by a
// Host under its kind: who may write, who the members are, which quorum and
// which notice. Without a Host those who work for the organisation may write,
// and half of the members and a third of each sector make a quorum.
//
// # Promises
//
//   - When a meeting was announced, held, minuted is told by the server's clock
//     and never by a form. A notice that is too short is shown, not hidden.
//   - What was said of who came, minutes and corrections are only added to. So
//     Facts answers for any moment what was known then.
//   - Places for guests are given first come, first served; whoever cancels makes
//     room for the first who waits, who is told.
//   - The link to an online meeting is shown to those invited or registered, unless
//     the body opens it to everybody. Names of guests are shown to those who run
//     the meeting only.
//   - In the calendar a meeting keeps one UID; SEQUENCE rises with each change that
//     its readers see; a cancelled one stays, with STATUS:CANCELLED.
//
// # Limits
//
// A meeting that was held keeps its hour, purpose and title. One code serves the
// whole room. Recordings and papers are attachments of the record. There are no
// series: each meeting is announced by itself. The calendar of one person with a
// secret address is not here.
//
// Sources: specification of OGP rules, 1 (MR 1.1, 5.1), 7 (notice of 7 days,
// quorum, minutes after 7 and 14 days) and 8 (states); of participation, 9.11;
// RFC 5545 for the calendar.
package meeting
