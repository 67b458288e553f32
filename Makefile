# bin/ holds what is built here and is not committed.
GO         ?= go
GOVERSION  := $(shell $(GO) env GOVERSION)
LINT       := bin/golangci-lint-$(GOVERSION)
GORELEASER ?= $(GO) run github.com/goreleaser/goreleaser/v2@v2.16.0
GENERATED  := completions docs/man docs/reference
# HTTP/2, which no request here uses: a DQOps server has none, and a transport with
# a dialler of its own does not try it. Half a megabyte.
TAGS       := nethttpomithttp2
PLATFORMS  := linux darwin windows
FUZZTIME   ?= 1m
CHAOS      ?= 1000

.PHONY: build
build: ## bin/dqoctl
	CGO_ENABLED=0 $(GO) build -trimpath -tags $(TAGS) -o bin/dqoctl .

.PHONY: test
test: ## all tests
	$(GO) test ./...

.PHONY: race
race: ## all tests with the race detector (needs gcc)
	GORACE=atexit_sleep_ms=0 $(GO) test -race -timeout 30m ./...

.PHONY: vet
vet: $(PLATFORMS:%=vet-%) ## go vet for every system that we release for

.PHONY: $(PLATFORMS:%=vet-%)
$(PLATFORMS:%=vet-%): vet-%:
	CGO_ENABLED=0 GOOS=$* $(GO) vet ./...

.PHONY: lint
lint: $(LINT) ## linters and formatters, as .golangci.yaml says
	$(LINT) run ./...

.PHONY: format
format: $(LINT) ## formats the code as lint wants it
	$(LINT) fmt ./...

# The toolchain stands in the name: a linter reads only what its own Go compiles.
$(LINT): .ci/lint/go.mod .ci/lint/go.sum
	cd .ci/lint && CGO_ENABLED=0 $(GO) build -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: generate docs completions
generate: ## completions/, docs/man/ and docs/reference/, from the commands themselves
	$(GO) generate ./...
docs completions: generate

.PHONY: generated
generated: generate ## fails when generated files are not those in git's index
	git diff --exit-code -- $(GENERATED)
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
	if [ -n "$$new" ]; then echo "generated but not in git:"; echo "$$new"; exit 1; fi

.PHONY: check
check: build vet lint generated test ## all that must hold, quick and offline once the modules are there

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME, 1m
	@grep -roE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' cmd pkg | while IFS=: read -r file target; do \
		$(GO) test -run '^$$' -fuzz "^$${target#func }\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" </dev/null || exit 1; \
	done

.PHONY: chaos
chaos: ## CHAOS commands, 1000, on a server that restarts and a network that breaks
	DQOCTL_CHAOS=$(CHAOS) $(GO) test -count=1 -timeout 60m -run '^TestChaos$$' -v .

# Without the address of a remote goreleaser knows neither commit nor date; without
# an epoch the folders in packages have the time of the build.
snapshot snapshot-check: export GIT_CONFIG_COUNT = 1
snapshot snapshot-check: export GIT_CONFIG_KEY_0 = remote.origin.url
snapshot snapshot-check: export GIT_CONFIG_VALUE_0 = https://github.com/dqoctl/dqoctl
snapshot snapshot-check: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)

.PHONY: snapshot
snapshot: ## dist/: the release archives of this commit, nothing published
	$(GORELEASER) release --snapshot --clean $(if $(shell docker buildx version >/dev/null 2>&1 && docker info >/dev/null 2>&1 && echo yes),,--skip=docker)

.PHONY: snapshot-check
snapshot-check: ## builds the last commit's archives and packages twice, compares, installs and runs one
	.ci/snapshot-check "$(GORELEASER)"

.PHONY: bench-startup
bench-startup: ## whole-process time of the stripped binary against a cobra hello world and curl, and its size
	CGO_ENABLED=0 $(GO) build -trimpath -tags $(TAGS) -ldflags "-s -w" -o bin/dqoctl-stripped .
	cd .ci/startup && CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o ../../bin/hello ./hello
	cd .ci/startup && $(GO) run . ../../bin/dqoctl-stripped ../../bin/hello

.PHONY: picture
picture: build ## docs/picture.svg: a real run on the simulator, as a terminal shows it
	cd .ci/picture && $(GO) build -o ../../bin/picture .
	bin/picture bin/dqoctl >bin/picture.svg
	mv bin/picture.svg docs/picture.svg

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
