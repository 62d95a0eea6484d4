// Package meetingsite is the pages and the API of package service/meeting: the
// list of meetings with its calendar, the page of one, and the desk of those who
// run it: notice, agenda, invitations, attendance, minutes, actions.
//
// Every form works without a script and on a phone. What is typed stays when
// something is wrong. Rules are the service's and, through its Hosts, those of
// the body that meets.
//
// Limits: a list of guests is shown to those who run the meeting, and there is
// no file of it to download.
package meetingsite
