// Package sender carries out one HTTP exchange with a receiver that nobody
// vouches for: it resolves and checks the address at the moment of dialling,
// follows no redirect, bounds time and memory, and says in words and in a
// published code what went wrong.
//
// It decides nothing about retries and knows nothing of tickets; the
// dispatcher does.
package sender
