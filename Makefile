# make without a target prints what there is.
.DEFAULT_GOAL := help

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
GOLANGCI    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
REDOCLY     := @redocly/cli@1.34.3
SPECTRAL    := @stoplight/spectral-cli@6.16.3
FUZZTIME    ?= 10s
BENCHTIME   ?= 1s
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## run the whole thing on embedded defaults, with five receivers
	$(GO) run ./cmd/hookdesk demo

.PHONY: build
build: ## build the static binary dist/hookdesk
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o dist/hookdesk ./cmd/hookdesk

.PHONY: test
test: ## run all tests; redis-server, postgres and chromium are used where they are
	$(GO) test -timeout 10m ./...

.PHONY: race
race: ## run all tests with the race detector
	$(GO) test -race -timeout 20m ./...

.PHONY: e2e
e2e: ## run the tests of the whole program: in process, on a real Redis, and of the binary
	$(GO) test -count 1 -timeout 10m ./cmd/...

.PHONY: vet
vet: ## go vet
	$(GO) vet ./...

.PHONY: fmt
fmt: ## format all code
	$(GO) run $(GOFUMPT) -w .

.PHONY: lint
lint: vet ## go vet, gofumpt and staticcheck, at pinned versions
	@unformatted=$$($(GO) run $(GOFUMPT) -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	$(GO) run $(STATICCHECK) ./...

.PHONY: golangci
golangci: ## the longer list of linters in .golangci.yml (its first build takes minutes)
	$(GO) run $(GOLANGCI) run ./...

.PHONY: deploy-lint
deploy-lint: ## check Dockerfile, compose file and Helm chart with the libraries of BuildKit, Compose and Helm
	cd deploy/lint && $(GO) test -count 1 ./...

.PHONY: check
check: lint test ## what has to pass before a change is merged

.PHONY: faults
faults: ## the long form of the fault tests: a hundred kills, a hundred thousand ordered deliveries
	HOOKDESK_FAULTS=long $(GO) test -count 1 -v -timeout 40m ./dispatcher/faults

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (10s)
	@set -e; for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "== $$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

.PHONY: bench
bench: ## run every benchmark for BENCHTIME (1s)
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./...

.PHONY: screenshots
screenshots: ## take pictures of the console's pages to dist/screenshots, and those the docs show to web/docs/pictures (needs chromium)
	rm -f dist/screenshots/*.png web/docs/pictures/*.png
	HOOKDESK_SCREENSHOTS=$(CURDIR)/dist/screenshots $(GO) test -count 1 -run TestPictures ./web/console
	@set -e; for name in $$(sed -n 's/^!\[.*\](pictures\/\(.*\)\.png)$$/\1/p' web/docs/pages/*.md | sort -u); do \
		cp dist/screenshots/$$name.png dist/screenshots/$$name-dark.png web/docs/pictures/; \
	done

.PHONY: release
release: screenshots build ## build dist/hookdesk with the pictures in its documentation (needs chromium)

.PHONY: generate
generate: ## record the examples of the API's description again, and write its client
	$(GO) test -count 1 -run TestAnswersOfTheDocument ./web/api -update
	$(GO) test -count 1 -run TestGenerated ./cmd/hookdesk/client -update

.PHONY: openapi
openapi: ## write the description of the REST API to dist/openapi.json
	@mkdir -p dist
	$(GO) run ./cmd/hookdesk openapi > dist/openapi.json

.PHONY: openapi-lint
openapi-lint: openapi ## lint that description with Redocly and Spectral (needs npm)
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --yes $(REDOCLY) lint --extends recommended --max-problems 20 dist/openapi.json
	npx --yes $(SPECTRAL) lint --ruleset .ci/spectral.yaml --fail-severity warn dist/openapi.json

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf dist hookdesk hookdesk-data
