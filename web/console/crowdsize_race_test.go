//go:build race

package console_test

// crowdDeliveries is fewer under the race detector, which makes recording them
// ten times as slow.
const crowdDeliveries = 5_000
