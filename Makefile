# What a newcomer needs: make run, make test (which runs make setup where
# something is missing).
# `make help` lists the rest.

GO      ?= go
KILLS   ?= 20
FUZZ    ?= 30s
BELAY   := bin/belay
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.DEFAULT_GOAL := build
.PHONY: build run setup test race test-fast test-long lint fuzz bench help clean

build: ## build bin/belay
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o $(BELAY) ./cmd/belay

run: build ## the demo: a company's mail on loopback, nothing leaves this machine
	./$(BELAY) serve --demo

setup: ## install what the tests need (Debian, Ubuntu); says what is missing elsewhere
	./scripts/setup.sh

# The stories start a binary that go test does not see: nothing may come from its cache.
test: ## everything, with real peers: Postfix, PostgreSQL, OpenLDAP, swaks, Chromium, strace, pdftotext, Dovecot
	@./scripts/setup.sh --check || $(MAKE) setup
	BELAY_TEST_KILLS=$(KILLS) $(GO) run ./test/run -skips test/skips.txt -- -count 1 -p 2 -timeout 25m -tags peers ./...

race: ## the rooms where goroutines meet, under the race detector (wants a C compiler)
	$(GO) run ./test/run -skips test/skips.txt -- -race -timeout 25m ./internal/body ./internal/clock ./internal/db ./internal/intake \
		./internal/node ./internal/queue ./internal/relay/... ./internal/smtpd ./internal/access ./internal/door ./internal/outbox ./internal/directory \
		./internal/guard/... ./internal/history ./internal/notice ./internal/boost

test-fast: ## what needs no peers and no network
	$(GO) run ./test/run -skips test/skips.txt -- ./...

test-long: ## 500 kills on each database, fuzzers, and the start-up and stop latency figures
	@./scripts/setup.sh --check || $(MAKE) setup
	BELAY_TEST_KILLS=500 $(GO) run ./test/run -skips test/skips.txt -- -count 1 -timeout 6h -tags peers -run 'TestP[1-3]_.*(Kill|Fault|Race)' ./test/...
	$(MAKE) fuzz FUZZ=5m
	$(GO) run ./bench/run -held 1000,10000,100000,1000000

lint: ## gofmt, go vet, the floors, the pinned pair of SQLite modules, shell scripts
	./scripts/lint.sh

fuzz: ## every fuzzer for $(FUZZ)
	./scripts/fuzz.sh $(FUZZ)

bench: ## belay against Postfix in one run; see docs/benchmarks.md
	$(GO) run ./bench/run

clean: ## remove what was built and the demo's data
	rm -rf bin belay-data

help:
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12
