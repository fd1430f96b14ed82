package criteria

import (
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Deliveries is a DeliveryQuery made ready for comparing.
type Deliveries struct {
	executionlog.DeliveryQuery
	// Low and High bound the numbers of matching deliveries, High exclusive.
	Low, High int64
	// ChangeNumber is None where no change is asked for, or none that could
	// exist.
	ChangeNumber int64
	Pattern      Pattern // if Ticket is not empty
}

// CompileDeliveries makes a query ready.
func CompileDeliveries(query executionlog.DeliveryQuery) *Deliveries {
	c := &Deliveries{DeliveryQuery: query, ChangeNumber: None}
	c.Low, c.High = Span(query.From, query.To)
	c.Pattern = ParsePattern(query.Ticket)
	if query.Change != "" {
		c.ChangeNumber = Number(id.Change, query.Change)
	}
	return c
}

// Match says whether a delivery, with its number, matches.
func (c *Deliveries) Match(number int64, d *executionlog.Delivery) bool {
	q := &c.DeliveryQuery
	switch {
	case number < c.Low || number >= c.High,
		q.Workspace != "" && d.Workspace != q.Workspace,
		q.Change != "" && d.Change != q.Change,
		q.Trigger != "" && d.Trigger != q.Trigger,
		q.Endpoint != "" && d.Endpoint != q.Endpoint,
		q.System != "" && d.System != q.System,
		q.Event != "" && d.Event != q.Event,
		q.Outcome != "" && d.Outcome != q.Outcome,
		q.Replay != "" && d.Replay != q.Replay,
		q.Recovered != nil && (d.Outcome != executionlog.Failed || d.Recovered != *q.Recovered),
		q.Ticket != "" && !c.Pattern.Match(Fold(d.Ticket)):
		return false
	}
	return true
}
