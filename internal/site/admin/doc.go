// Package admin is where those who run a site look after it: how it stands, who
// may do what, which organisations there are, what works in the background, and
// a backup for an office without a shell.
//
// It keeps hardly anything of its own. People and roles are package who's,
// organisations package org's, jobs package job's; their verbs check who may and
// write into the log, and these pages only ask them. What it does by itself,
// starting and stopping a job and making a backup, it checks and logs in the
// same way.
//
// Promises: nobody sees a link to what they may not do; a backup is given only
// to an administrator who has shown in the last minutes that it is them, because
// it holds everything; every act here is in the log.
//
// Limits: restoring is a command, since it needs an empty site and the keys that
// no backup holds; the page says how. The size of stored files is counted up to
// a number of files, and the page says when it stopped.
package admin
