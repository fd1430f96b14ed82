package criteria

import "time"

// ClockTolerance is how far the clock may be behind what it was without having
// been set back: clocks of several machines differ a little.
const ClockTolerance = time.Second
