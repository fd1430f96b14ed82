package api

import "github.com/danielgtaylor/huma/v2"

// tags describe the groups of operations, in the order of the document.
var tags = []*huma.Tag{
	{Name: "changes", Description: "Ticket changes come in here, one or many at a time."},
	{Name: "tickets", Description: "Tickets as hookdesk knows them, and operations that are changes, too."},
	{Name: "endpoints", Description: "URLs that get webhooks in the format of one system."},
	{Name: "triggers", Description: "Which changes lead to which webhooks, notes and tags."},
	{Name: "deliveries", Description: "One event for one endpoint, with its attempts."},
	{Name: "executions", Description: "The execution log: one row per attempt."},
	{Name: "statistics", Description: "What the overview shows: how deliveries went, what is failing and why."},
	{Name: "simulations", Description: "Trying triggers on stored changes, for as long as it takes."},
	{Name: "replays", Description: "Delivering again what a log filter finds."},
	{Name: "systems", Description: "The data sheets of the emulated systems, the fields of conditions, the signing schemes."},
	{Name: "configuration", Description: "Endpoints, calendars and triggers as files."},
	{Name: "calendars", Description: "Business hours for conditions."},
	{Name: "searches", Description: "Saved searches of the log."},
	{Name: "workspaces", Description: "Tenants and their limits."},
	{Name: "tokens", Description: "API tokens."},
	{Name: "operations", Description: "How the process fares, and who changed what."},
}

// changeLines are an example of many changes, one on each line.
const changeLines = `{"id":"helpdesk-4712","ticket":{"number":"HDSK-AAAA-0124","status":"Open"}}
{"id":"helpdesk-4713","ticket":{"number":"HDSK-AAAA-0124","status":"Closed"}}
`

// examples are request bodies by operation id, for readers of the document.
var examples = map[string]any{
	"submit-changes": map[string]any{
		"id": "helpdesk-4711", "actor": map[string]any{"name": "Ada Moe", "role": "agent"},
		"ticket": map[string]any{"number": "HDSK-AAAA-0122", "subject": "Printer is on fire", "status": "Closed", "tags": []string{"vip"}},
	},
	"create-ticket": map[string]any{"number": "HDSK-AAAA-0123", "subject": "Printer is on fire", "status": "Open", "priority": "High"},
	"patch-ticket":  map[string]any{"status": "Closed", "actor": map[string]any{"name": "Ada Moe", "role": "agent"}},
	"add-reply":     map[string]any{"author": map[string]any{"name": "Ada Moe", "role": "agent"}, "body": "<p>It is out now.</p>"},
	"add-note":      map[string]any{"author": map[string]any{"name": "Ada Moe", "role": "agent"}, "body": "<p>Ask the fire brigade.</p>"},
	"create-endpoint": map[string]any{
		"name": "Warehouse", "url": "https://warehouse.example.com/hooks", "system": "superoffice",
		"retry": map[string]any{"max_attempts": 5, "initial_seconds": 10, "max_seconds": 600},
	},
	"patch-endpoint":     map[string]any{"timeout_seconds": 5, "headers": map[string]any{"X-Team": "warehouse"}},
	"diagnose-signature": map[string]any{"computed": "sha256=0f5a0c7e2b1d4c6a9e8f7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"},
	"try-trigger":        map[string]any{"trigger": "trg_01c3vq0rk8g7a", "ticket": "HDSK-AAAA-0122"},
	"test-endpoint":      map[string]any{"event": "ticket.changed"},
	"rotate-secret":      map[string]any{"overlap_seconds": 3600},
	"create-trigger": map[string]any{
		"name": "Urgent tickets to the warehouse", "system": "supportservice",
		"when": map[string]any{"all": []any{
			map[string]any{"field": "status", "op": "changed_to", "value": "In Progress"},
			map[string]any{"any": []any{
				map[string]any{"field": "urgency", "op": "is_any_of", "value": []string{"High", "Critical"}},
				map[string]any{"field": "tags", "op": "contains_any", "value": []string{"vip"}},
			}},
		}},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": "ep_01c3vq0rk8g7a"}}},
	},
	"replace-trigger": map[string]any{
		"name": "Closed tickets to the warehouse", "system": "superoffice", "on": []string{"ticket.changed"}, "fire": "edge",
		"when": map[string]any{"all": []any{map[string]any{"field": "status", "op": "is", "value": "Closed"}}},
		"then": []any{
			map[string]any{"webhook": map[string]any{"endpoint": "ep_01c3vq0rk8g7a"}},
			map[string]any{"tag": map[string]any{"add": []string{"sent"}}},
		},
	},
	"patch-trigger":    map[string]any{"enabled": false},
	"patch-reply":      map[string]any{"body": "<p>It is out now, and dry.</p>"},
	"patch-note":       map[string]any{"private": false},
	"patch-calendar":   map[string]any{"holidays": []string{"2026-12-25", "2026-12-26"}},
	"patch-workspace":  map[string]any{"limits": map[string]any{"endpoints": 20}},
	"enable-endpoint":  map[string]any{"reason": "the receiver was repaired"},
	"disable-endpoint": map[string]any{"reason": "the receiver is gone"},
	"pause-endpoint":   map[string]any{"reason": "the receiver moves"},
	"plan-configuration": map[string]any{
		"file": "endpoints:\n  - name: Mailroom\n    url: https://mailroom.example.com/hooks\n    system: faveo\n",
	},
	"apply-configuration": map[string]any{
		"file":   "endpoints:\n  - name: Mailroom\n    url: https://mailroom.example.com/hooks\n    system: faveo\n    headers:\n      X-Team: ${env:TEAM}\n",
		"values": map[string]any{"TEAM": "mailroom"},
	},
	"import-triggers": map[string]any{
		"system": "superoffice", "endpoints": map[string]any{"01H": "ep_01c3vq0rk8g7a"}, "dry_run": true,
		"document": map[string]any{"trigger": map[string]any{
			"title":      "Urgent",
			"conditions": map[string]any{"all": []any{map[string]any{"field": "status", "operator": "is", "value": "open"}}, "any": []any{}},
			"actions":    []any{map[string]any{"field": "notification_webhook", "value": []string{"01H", "{}"}}},
		}},
	},
	"simulate-trigger": map[string]any{"from": "2026-01-01", "to": "2026-02-01"},
	"start-simulation": map[string]any{
		"trigger": "trg_01c3vq0rk8g7a", "from": "-720h",
		"draft": map[string]any{"when": map[string]any{"all": []any{map[string]any{"field": "priority", "op": "is_any_of", "value": []string{"High", "Urgent"}}}}},
	},
	"rollback-trigger": map[string]any{"version": 1},
	"start-replay":     map[string]any{"outcome": "failed", "endpoint": "ep_01c3vq0rk8g7a", "from": "-24h", "dry_run": true},
	"create-token":     map[string]any{"name": "Help desk", "scopes": []string{"ingest"}},
	"create-calendar": map[string]any{
		"name": "Office", "zone": "Europe/Oslo", "hours": []any{map[string]any{"day": "monday", "from": "09:00", "to": "17:00"}}, "holidays": []string{"2026-12-25"},
	},
	"create-search":    map[string]any{"name": "Failures of today", "query": "outcome=failed&from=-24h"},
	"create-workspace": map[string]any{"name": "acme", "title": "Acme", "limits": map[string]any{"endpoints": 10}},
}
