package dispatcher

// replayPace is how many deliveries a replay may make by now. What is less than
// one is kept for the next turn, so that one in two seconds is not one in each.
type replayPace struct {
	begun bool
	left  float64
}

// turn begins a turn, of which there is one in replayEvery, and returns how many
// deliveries it may have. The first delivery is made at once.
func (p *replayPace) turn(perSecond float64) int {
	each := perSecond * replayEvery.Seconds()
	if !p.begun {
		p.begun, p.left = true, max(0, 1-each)
	}
	p.left += each
	return int(p.left)
}

// spend notes that so many were made.
func (p *replayPace) spend(deliveries int) { p.left -= float64(deliveries) }
