package triggers

import "maps"

// Memory is what the engine remembers about one ticket.
type Memory struct {
	// FiredOnce holds, by the id of a once_per_ticket trigger, the id of the
	// change that fired it.
	FiredOnce map[string]string `json:"fired_once,omitempty"`
}

// Remember returns the memory after a change's verdicts; m stays as it is.
func (m Memory) Remember(change string, verdicts []Verdict, engine *Engine) Memory {
	next, cloned := m, false
	for _, v := range verdicts {
		if v.Verdict != Fired {
			continue
		}
		t := engine.Trigger(v.Trigger)
		if t == nil || t.Fire != FireOncePerTicket {
			continue
		}
		if !cloned {
			next.FiredOnce, cloned = maps.Clone(m.FiredOnce), true
			if next.FiredOnce == nil {
				next.FiredOnce = map[string]string{}
			}
		}
		next.FiredOnce[v.Trigger] = change
	}
	return next
}
