//go:build !race

package console_test

// crowdDeliveries is how many deliveries a large installation has.
const crowdDeliveries = 100_000
