package sqlite

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

func zzStore(b *testing.B) *Store {
	s, err := Open(context.Background(), b.TempDir()+"/l.db", Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func zzcpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func BenchmarkZZTicket(b *testing.B) {
	s := zzStore(b)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for i := range b.N {
		s.Ticket(ctx, "default", fmt.Sprint("B-", i))
	}
}

func BenchmarkZZCycle(b *testing.B) {
	s := zzStore(b)
	ids := id.NewSource(s.Node(), time.Now)
	doc := []byte(`{"number":"B-1795249000123","subject":"Printer on the third floor does not print","description":"Since this morning nothing comes out. The lamp blinks twice, then stays dark.","status":"Open","priority":"High","source":"Web","tags":["printer","floor-3"],"requester":{"id":"21","first_name":"Ann","last_name":"Example","email":"ann@example.com"},"department":{"id":"1","name":"Support"},"created_at":"2026-11-21T08:00:00.000000Z","updated_at":"2026-11-21T08:00:00.000000Z","custom":null}`)
	verdicts := []byte(`[{"trigger":"trg_0000000000","version":1,"verdict":"fired"}]`)
	n := 1795249000123
	const size = 100
	cpu := zzcpu()
	b.ResetTimer()
	b.ReportAllocs()
	for range b.N {
		acc := make([]*executionlog.Acceptance, size)
		res := make([]*executionlog.Result, size)
		for i := range acc {
			n++
			number, change, del := fmt.Sprint("B-", n), ids.New(id.Change), ids.New(id.Delivery)
			now := time.Now()
			acc[i] = &executionlog.Acceptance{
				Workspace: "default",
				Ticket:    &executionlog.Ticket{Number: number, Version: 1, Doc: doc, Meta: []byte("{}"), UpdatedAt: now},
				Changes:   []*executionlog.Change{{ID: change, Ticket: number, Kind: "ticket_created", At: now, AcceptedAt: now, Doc: doc, Verdicts: verdicts, Chain: change}},
				Deliveries: []*executionlog.NewDelivery{{
					Delivery: executionlog.Delivery{
						ID: del, Workspace: "default", Change: change, Ticket: number, System: "faveo", Event: "ticket_created", Revision: "json", Trigger: "trg_00000000", TriggerVersion: 1,
						Endpoint: "end_000000000", EventID: "evt_" + change, Chain: change, CreatedAt: now, DueAt: now,
					},
					Request: &executionlog.Request{ContentType: "application/json", Body: doc},
				}},
			}
			res[i] = &executionlog.Result{Attempt: executionlog.Attempt{
				ID: ids.New(id.Attempt), Workspace: "default", Delivery: del, Change: change,
				Ticket: number, System: "faveo", Event: "ticket_created", Trigger: "trg_00000000", Endpoint: "end_000000000",
				Number: 1, At: now, Duration: 3 * time.Millisecond, Outcome: executionlog.Succeeded, HTTPStatus: 200,
				Detail: &executionlog.AttemptDetail{
					Method: "POST", URL: "http://127.0.0.1:41234/hook", ResponseBody: []byte(`ok`),
					RequestHeader: []executionlog.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "Webhook-Id", Value: fmt.Sprint(n)}, {Name: "Webhook-Signature", Value: "v1,…"}, {Name: "User-Agent", Value: "hookdesk/1"}},
					ResponseHeader: []executionlog.Header{{Name: "Content-Length", Value: "2"}, {Name: "Date", Value: "Sat, 21 Nov 2026 08:00:00 GMT"}},
				},
			}, Outcome: executionlog.Succeeded}
		}
		for _, err := range s.Accept(b.Context(), acc) {
			if err != nil {
				b.Fatal(err)
			}
		}
		for _, err := range s.Record(b.Context(), res) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64((zzcpu()-cpu).Microseconds())/float64(b.N*size), "cpuµs/delivery")
	b.ReportMetric(0, "ns/op")
}
