// Package forum runs multi-stakeholder forums: bodies in which government, civil
// society and others sit together, national or of a district.
//
// A forum has seats by sector and district, and terms of those who hold them. A
// seat is filled by appointment, by self-selection of a sector, or by a secret
// election in which each organisation of the sector has one vote (service
// ballot). It meets (service meeting), and decides by consensus or, where there is
// none, by an open vote with a majority overall and among both government and
// civil society. Its rules, seats, interests, decisions and dissent are public.
//
// # Promises
//
//   - A seat has one holder on each day at most. A term lasts two years at most,
//     and is renewed once.
//   - One organisation has one seat of a forum and one vote, and so has a person.
//     Where organisations become one while their terms run, there is no vote until
//     one of these terms is ended.
//   - A call for nominations is open for 21 days or more. Government nominates to
//     no seat but its own. Who wins an election gets the term by the poll's final
//     result, which anybody can count again.
//   - Silence is not consent: a consensus needs the position of every member who
//     is present and not recused, and a quorum of them.
//   - Who declares an interest in a matter is recused from it.
//   - Whoever is recused is out of the count and of the base of the quorum. A term
//     that has ended ends the vote, even in the middle of a meeting.
//   - A forum is established by an instrument, with its document and date. It is
//     active while its last meeting with published minutes is 120 days old at
//     most, and dormant otherwise. One national coordination mechanism is
//     established at a time.
//   - Facts answers for any moment what was known then.
//
// # Limits
//
// While a vote runs only those who run the forum take a recused member out of it;
// before it, members do so themselves. An alternate is named, attends and is counted for the seat, but votes in no poll.
// The ministers of a forum are appointed outside: only the instrument is kept. The
// electorate of an election is every organisation of the sector's kind in the
// register, which the secretariat keeps; youth and indigenous seats are elected by
// civil society. Parity counts the sector civil society alone as civil society.
// Renewals are counted when a term is recorded: terms written down out of order are
// not counted again. Half of the seats changing each year is not enforced.
//
// Sources: specification of OGP rules, 7 (composition, thresholds, tests T7.1 to
// T7.5); of the programme, SEED-44, SEED-60, SEED-69.
package forum
