package criteria

import (
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Time returns t as it is kept: to the microsecond, in UTC.
func Time(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// Micros returns t as a number, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the opposite of Micros.
func FromMicros(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

func check(list *invalid.List, path, prefix, text string, optional bool) {
	if optional && text == "" {
		return
	}
	if Number(prefix, text) == None {
		list.Add(path, text, "an identifier that begins with %s_", prefix)
	}
}

// CheckAcceptance returns an *invalid.Error if the identifiers of an
// acceptance are not of their kinds.
func CheckAcceptance(a *executionlog.Acceptance) error {
	var list invalid.List
	for i, c := range a.Changes {
		check(&list, fmt.Sprintf("changes.%d.id", i), id.Change, c.ID, false)
	}
	if a.Key != "" && len(a.Changes) == 0 {
		list.Add("changes", nil, "a change for the key to stand for")
	}
	if a.Ticket != nil && a.Ticket.Number == "" {
		list.Add("ticket.number", "", "a number")
	}
	checkDeliveries(&list, a.Deliveries)
	return list.Err()
}

// CheckDeliveries does so for new deliveries.
func CheckDeliveries(deliveries []*executionlog.NewDelivery) error {
	var list invalid.List
	checkDeliveries(&list, deliveries)
	return list.Err()
}

func checkDeliveries(list *invalid.List, deliveries []*executionlog.NewDelivery) {
	for i, d := range deliveries {
		at := fmt.Sprintf("deliveries.%d.", i)
		check(list, at+"id", id.Delivery, d.ID, false)
		check(list, at+"change", id.Change, d.Change, true)
		check(list, at+"redelivery_of", id.Delivery, d.RedeliveryOf, true)
		if d.Request == nil && d.RedeliveryOf == "" {
			list.Add(at+"request", nil, "a request, or redelivery_of")
		}
	}
}

// CheckResult does so for a result.
func CheckResult(r *executionlog.Result) error {
	var list invalid.List
	check(&list, "attempt.id", id.Attempt, r.Attempt.ID, false)
	check(&list, "attempt.delivery", id.Delivery, r.Attempt.Delivery, false)
	check(&list, "attempt.change", id.Change, r.Attempt.Change, true)
	if r.Attempt.Outcome != executionlog.Succeeded && r.Attempt.Outcome != executionlog.Failed {
		list.Add("attempt.outcome", r.Attempt.Outcome, "succeeded or failed")
	}
	switch r.Outcome {
	case executionlog.Pending, executionlog.Succeeded, executionlog.Failed, executionlog.Cancelled:
	default:
		list.Add("outcome", r.Outcome, "pending, succeeded, failed or cancelled")
	}
	return list.Err()
}

// CheckAudit does so for audit entries.
func CheckAudit(entries []executionlog.AuditEntry) error {
	var list invalid.List
	for i, entry := range entries {
		check(&list, fmt.Sprintf("audit.%d.id", i), id.Audit, entry.ID, false)
	}
	return list.Err()
}

// Attempt returns an attempt as it is kept; its detail is not copied.
func Attempt(a *executionlog.Attempt) *executionlog.Attempt {
	kept := *a
	kept.Ticket, kept.Error = Clean(a.Ticket), Clean(a.Error)
	if a.Outcome == executionlog.Succeeded {
		kept.Error, kept.ErrorCode = "", ""
	}
	kept.At, kept.Duration = Time(a.At), a.Duration.Truncate(time.Microsecond)
	return &kept
}
