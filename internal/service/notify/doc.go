// Package notify tells people what concerns them: in the inbox on the site, by
// e-mail, by web push, and programs by webhook.
//
// The way of a piece of news: an event of the activity log is put on the list
// of what is to be told (Store.Listener); a job finds whom it concerns, by the
// Rules that modules gave and by who follows the record, and writes one item
// into each inbox; items leave by mail and push in windows. How often is each
// person's own choice for each topic: now, daily, weekly or off.
//
// # Promises
//
//   - One event gives a person one item, however often a job is run again, and
//     nobody hears of what they did themselves.
//   - Followers hear of public events only. Whom a Rule names hears of others
//     too, and every item is shown only as far as its reader may see the record
//     at the moment of reading.
//   - A window is half-open, [last, now). The row of the window, the mark on its
//     items and the job that sends it are one transaction, and one person has
//     one window of a class from one moment: no item is lost between two
//     letters or told in both. An item whose transaction commits late belongs
//     to the next window. A letter that is sent again after a crash carries the
//     same Message-ID.
//   - Mentions and answers to what one wrote go at once, unless switched off. From
//     20:00 to 07:00 in Belize nothing rings: it waits for the morning, save
//     letters about signing in, which are not news.
//   - Every letter has a plain-text part, and a link and a header that end it
//     with one click and without signing in. The link is signed and says nothing
//     else than which person and topic.
//   - No line break gets into a header. Addresses that strangers gave (webhooks,
//     push services) are called through package outbound only.
//   - A webhook hears public events in the order of the log, signed with HMAC and
//     the time; it is tried again with growing pauses, and switched off after
//     eight failures in a row.
//
// # Limits
//
// SMTP can hear a letter and lose our line before it says so: the letter is then
// sent twice with one Message-ID. A person's address that refuses three letters
// for good gets no more until they confirm it. Web push needs HTTPS and a
// browser that does it; payloads are encrypted to the browser (RFC 8291).
//
// Sources: RFC 8058 (one-click unsubscribe), RFC 8030, 8291, 8292 (web push),
// spec participation 9.12, the webhook signatures of Stripe and GitHub.
package notify
