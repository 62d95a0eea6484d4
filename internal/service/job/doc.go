// Package job does work in the background: what is too slow for a request,
// what must be tried again, and what happens by the clock.
//
// Enqueue writes a job in the caller's transaction, so that there is a job
// exactly when what it is for has been committed. A Runner on each node takes
// jobs that are due and calls their Kind.
//
// # Promises
//
//   - A job goes on. An attempt holds a lease that its process keeps extending;
//     when the process dies, another takes the job once the lease has run out
//     (on SQLite, whose file belongs to one process, at the next start).
//   - A job runs at least once. Its effect in the database happens exactly once
//     if it is written in the transaction that calls Run.Finish, or step by
//     step in transactions that call Run.Hold: both fail in an attempt that has
//     lost its lease.
//   - A failure is tried again after a pause that doubles, half of it at random,
//     and after Kind.MaxTries the job is dead: it stays to be looked at and can
//     be started again (Retry). What no further try can mend ends at once
//     (ErrGiveUp, or a fault of the kind Invalid). A process that dies under a
//     job does not count as its failure, but a job that took ten of them along
//     is dead too.
//   - Kinds do not starve each other: each has its own places on a node. Within
//     a kind the oldest goes first; a step of priority is worth ten minutes of
//     waiting, so that nothing waits for ever.
//   - A stop loses nothing: when the context of Runner.Run ends, running jobs
//     get Runner.Grace, and those that need more are put back as they were.
//   - A schedule fires once in the whole cluster. What was missed while nothing
//     ran is made up for by firing once.
//
// # Limits
//
// Leases are read by the clocks of the nodes, which must agree within a third
// of the shortest lease. On SQLite there may be one Runner at a time. Waiting
// jobs are looked for once a second if no hint arrives. A unique key also holds
// back work while a job is running that may have read the old state already:
// who needs another run puts what changed into the key.
//
// # Why not a library
//
// goqite serves inside our transactions on both engines, but has no progress,
// cancelling, dead letters, uniqueness or schedules; what would be left of it
// is one statement. River needs PostgreSQL. The lease and SKIP LOCKED follow
// the practice of both.
package job
