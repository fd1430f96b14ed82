package dispatcher

// apply takes in what happened.
func (f *feeder) apply(n *Notice) {
	now := f.now()
	var ends []Report
	f.mu.Lock()
	if n.Restart {
		f.restartLanes()
	}
	for _, a := range n.Arrived {
		l := f.lane(a.Workspace, a.Endpoint)
		l.arrived(item{id: a.Delivery, ticket: a.Ticket, attempts: 0, due: a.DueAt, forced: a.Forced}, now)
		f.dirty[l] = true
	}
	for _, r := range n.Reports {
		if r.Workspace == "" && f.lanes[r.Endpoint] == nil {
			continue // nothing was sent, and nothing is known that waits for it
		}
		l := f.lane(r.Workspace, r.Endpoint)
		l.finished(r, now)
		f.dirty[l] = true
		ends = append(ends, r)
	}
	for _, endpoint := range n.Look {
		if l := f.lanes[endpoint]; l != nil {
			l.look()
			f.dirty[l] = true
		}
	}
	measures := f.limits.weigh(ends)
	f.mu.Unlock()
	f.kick()
	for _, m := range measures {
		m()
	}
}

// refresh makes the feeder look at every lane again.
func (f *feeder) refresh() {
	f.mu.Lock()
	for _, l := range f.lanes {
		f.dirty[l] = true
	}
	f.mu.Unlock()
	f.kick()
}

// statuses describes the lanes of a workspace.
func (f *feeder) statuses(workspace string) []LaneStatus {
	now := f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []LaneStatus
	for _, l := range f.lanes {
		if l.workspace != workspace {
			continue
		}
		status := LaneStatus{
			Endpoint: l.endpoint, InFlight: len(l.inFlight), Window: l.window.size(),
			Waiting: l.backlog(),
			Breaker: string(l.breaker.describe(now)), Failures: l.failures, NextDue: l.next(now),
		}
		if l.breaker.current() == breakerOpen {
			status.Until = l.breaker.until
		}
		list = append(list, status)
	}
	return list
}

// failed tells a lane how many attempts failed in a row, if none has succeeded
// since.
func (f *feeder) failed(endpoint string, failures int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l := f.lanes[endpoint]; l != nil && l.failures > 0 {
		l.failures = max(l.failures, failures)
	}
}
