// Package faults is tests only. They prove that the dispatcher loses nothing
// and lets nobody starve, whatever happens around it: processes killed at
// random moments, a Redis that vanishes, forgets or restarts, a ledger that
// cannot write, a stop in the middle of work, workers that freeze, clocks that
// jump, receivers that hang.
//
// Every test has a receiver that keeps its own account of what arrived. At the
// end the account, what was accepted and the ledger must agree:
//
//   - What was accepted is what was delivered and what was exhausted, nothing
//     is missing and nothing is in between.
//   - What arrived more than once has the same event id each time, and is not
//     more than could have been in flight when the faults happened.
//   - Every attempt that the receiver answered is in the log, but for those in
//     flight when a process was killed.
//
// Processes that are killed are this package's test binary, run again with an
// environment variable that makes it a dispatcher on SQLite and a real
// redis-server. HOOKDESK_FAULTS=long makes the tests long: a hundred kills
// instead of a few, a hundred thousand ordered deliveries.
package faults
