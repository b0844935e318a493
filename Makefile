# pm2drill. `make run` and `make test` do all the set-up; see README.md.
#
#   NODE=26 PM2=7.0.4   versions to drill, e.g. make run NODE=24 PM2=6.0.14
#   ARGS=...            arguments for `pm2drill run` (make run: tier:core)
#   LABEL=...           Ginkgo's label filter for the suites (make test: tier:core)
#   PROCS=2             suites side by side, each a process with a report of its own

SHELL := bash
export CGO_ENABLED := 0
export NODE PM2
LABEL ?= tier:core
# A host that is too noisy makes a drill inconclusive, which fails.
PROCS ?= $(shell nproc)
# An interceptor would wait for whatever outlives the suite and has its stderr.
ginkgo := go tool ginkgo --procs=$(PROCS) --output-interceptor-mode=none $(if $(SEED),--seed=$(SEED))
# The command line tools and the Go clients must find the same engine: DOCKER_HOST
# or the default socket, whatever the current docker context is.
export DOCKER_CONTEXT := default
cache := .cache
# The race detector needs a C compiler; without one the tests run without it. Its runtime waits a
# second at each end of a process (atexit_sleep_ms), and tests start hundreds.
race := $(if $(shell command -v gcc),GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 go test -race,go test)

.PHONY: help
help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

.PHONY: run
run: setup ## drill the core incidents with the reference engine and write a report
	bin/pm2drill run $(or $(ARGS),tier:core)

.PHONY: run-all
run-all: setup ## drill every incident of the catalogue and write one report
	bin/pm2drill run $(ARGS)

.PHONY: soak
soak: setup ## ten minutes of a healthy app in rough weather, in which the engine must not act
	bin/pm2drill run weather

.PHONY: teeth
teeth: setup ## engines that are wrong and harness parts that fail: each must be caught
	bin/pm2drill selftest $(ARGS)

# One at a time, so that each part's time is its own.
.PHONY: test
test: ## run all tests, and say how long each part took
	@times= status=0; for part in test-pure setup test-daemon test-docker test-scenarios; do \
	  since=$$SECONDS; $(MAKE) --no-print-directory $$part || status=$$?; \
	  times+=$$(printf '%-15s %5d s' $$part $$((SECONDS - since)))$$'\n'; \
	  [ $$status = 0 ] || { times+="$$part failed, and nothing ran after it"$$'\n'; break; }; \
	done; printf '\n%s%-15s %5d s\n' "$$times" together $$SECONDS; exit $$status

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, actionlint, and builds for what else a release is for
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	GOOS=darwin GOARCH=arm64 go build -o /dev/null ./harness/cmd/pm2drill
	GOOS=linux GOARCH=arm64 go build -o /dev/null ./harness/cmd/pm2drill
	@# Its module needs an older go.yaml.in/yaml/v4 than ours.
	go tool -modfile=.github/actionlint.mod actionlint

.PHONY: test-pure
test-pure: ## the packages' own tests: seconds, no Docker
	$(race) ./harness/... ./scenarios/... -skip 'TestScenarios|TestProofs'

.PHONY: test-sim
test-sim: ## play 20,000 worlds of PM2 and an app with the engine and without it, and find planted mistakes
	GOGC=400 PM2DRILL_SIM_WORLDS=$(or $(WORLDS),20000) go test -v -count=1 -timeout 5h ./harness/remedy/sim

.PHONY: test-daemon
test-daemon: setup ## the tests that need a real PM2 daemon, inside the image
	images/in-container.sh ./fixtures ./harness/pm2 ./harness/observer ./harness/ecosystem ./harness/ecosystem/sandbox ./harness/ecosystem/yaml ./harness/lint ./harness/cmd/pm2drill
	AS=root RUN='AnotherUser|Killed|IsGone|Strangers' images/in-container.sh ./harness/remedy/drain ./harness/host

.PHONY: test-docker
test-docker: setup ## the tests that need Docker: what a killed harness leaves behind, the two image routes; and the npm packages
	PM2DRILL_NPM_TEST=1 go test -count=1 -run NPM ./harness/release
	PM2DRILL_DOCKER_TEST=1 go test -count=1 -timeout 20m ./harness/cluster ./harness/cmd/pm2drill

.PHONY: test-views
test-views: setup ## what an engine sees of one more scenario and of two decoys, beside those of make test
	PM2DRILL_DOCKER_TEST=1 PM2DRILL_VIEWS_TEST=1 go test -count=1 -timeout 20m -run EngineIsBlind ./harness/cmd/pm2drill

.PHONY: test-endings
test-endings: setup ## end a run at 120 random moments, in six ways, and look for what is left: half an hour, needs root
	PM2DRILL_ENDINGS_TEST=1 go test -v -count=1 -timeout 90m -parallel 2 -run TestEndings ./harness/cmd/pm2drill

.PHONY: test-hosts
test-hosts: setup ## drill on three Docker engines in network namespaces and kill one in mid-run: ten minutes, needs root
	PM2DRILL_HOSTS_TEST=1 go test -v -count=1 -timeout 90m -run 'TestHosts$$' ./harness/cmd/pm2drill

.PHONY: test-scenarios
test-scenarios: setup ## the core incidents as Ginkgo suites, or those that LABEL selects
	$(ginkgo) --timeout=25m --label-filter='$(LABEL)' ./scenarios

.PHONY: test-rehearsals
test-rehearsals: setup ## the shop's rollout is rehearsed by each of its configurations, good and careless
	PM2DRILL_REHEARSE_TEST=1 go test -v -count=1 -timeout 40m -run 'TestRehearsals|TestVerify' ./harness/cmd/pm2drill

.PHONY: test-captures
test-captures: setup ## six incidents made by hand are captured, named right, and brought about with the same symptom
	PM2DRILL_DOCKER_TEST=1 PM2DRILL_SYMPTOM_TEST=1 go test -v -count=1 -timeout 20m -run TestDockerCapture ./harness/cmd/pm2drill

# Real PM2 on this host, from the lock file of its image; every case is beside PM2 alone.
field := $(cache)/field
.PHONY: test-field
test-field: build $(field)/pm2-$(or $(PM2),7.0.4) ## strangers' problems on this host, each beside PM2 alone (CASES=hangs-at-boot): half an hour, needs node and npm
	PM2DRILL_FIELD_TEST=1 PM2DRILL_FIELD_PM2=$(abspath $(lastword $^))/node_modules/pm2/bin/pm2 PM2DRILL_FIELD_OUT=$(abspath $(field))/last \
	  go test -v -count=1 -timeout 90m -parallel $(or $(JOBS),4) -run 'TestField$(if $(CASES),/$(CASES))' ./harness/field

.PHONY: test-kills
test-kills: build $(field)/pm2-$(or $(PM2),7.0.4) ## kill the engine at KILLS seeded instants (100: half an hour) of remedies and rolls on this host: nothing doubled, nothing half done
	PM2DRILL_KILLS_TEST=1 PM2DRILL_KILLS=$(or $(KILLS),100) PM2DRILL_KILLS_SEED=$(or $(SEED),1) PM2DRILL_KILLS_ONLY=$(ONLY) \
	  PM2DRILL_FIELD_PM2=$(abspath $(lastword $^))/node_modules/pm2/bin/pm2 PM2DRILL_FIELD_OUT=$(abspath $(field))/last \
	  go test -v -count=1 -timeout 12h -run TestKills ./harness/field

$(field)/pm2-%: images/pm2/%/package-lock.json
	@mkdir -p $@
	cp images/pm2/$*/package.json images/pm2/$*/package-lock.json $@/
	npm ci --prefix $@ --no-audit --no-fund
	@touch $@

.PHONY: test-secrets
test-secrets: setup ## secrets planted on a host with an incident are in no capture, alert, line, audit or trace
	RUN=DaemonSecrets images/in-container.sh ./harness/cmd/pm2drill

.PHONY: test-evaluator
test-evaluator: ## hold the evaluator to Node 20 to 26 and five versions of PM2 over forms and mutants (NODES, PM2S, MUTANTS): hours
	harness/ecosystem/oracles.sh

.PHONY: bench-validate
bench-validate: setup ## how long validate takes for a file, and for 1,000 and 5,000 apps, beside node loading it
	go test -run '^$$' -bench 'Validate$$' -benchtime 200x ./harness/cmd/pm2drill
	go test -run '^$$' -bench ValidateMany -benchtime 10x ./harness/cmd/pm2drill

.PHONY: test-catalogue
test-catalogue: setup ## every incident of the catalogue as a Ginkgo suite
	$(ginkgo) --timeout=2h ./scenarios

# One that breaks a promise is a finding, and ends with 1.
.PHONY: test-variants
test-variants: setup ## drill the reference engine with VARIANTS apps that differ from the catalogue's (100: about an hour)
	bin/pm2drill run --variants $(or $(VARIANTS),100) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: test-rules
test-rules: setup ## what validate calls an error does harm on real PM2, and its remedy does none
	NODE=20.18.3 images/build.sh
	PM2DRILL_PROOFS_TABLE=$(CURDIR)/harness/lint/rules/PROOFS.md $(ginkgo) --timeout=40m ./scenarios/proofs

.PHONY: test-routes
test-routes: docker ## prove that images built with and without a registry are alike
	images/routes.sh

.PHONY: test-browser
test-browser: ## open the pages in headless chromium: keys, dark and light, print, size and speed
	@harness/report/browser.sh
	PM2DRILL_BROWSER_TEST=1 go test -count=1 -timeout 10m -run Browser ./harness/report/page ./harness/report/compare

# One engine that heals and one that restarts all four workers for one.
example := bin/pm2drill run stopped-worker --arms control,engine --jobs 1 --seed 7
.PHONY: screenshots
screenshots: setup ## drill the two examples of reports/README.md and take their pictures
	@harness/report/browser.sh
	@rm -rf reports/example-kept reports/example-broken
	$(example) --out reports/example-kept
	$(example) --out reports/example-broken --engine-dir harness/engine/saboteurs --engine 'sh ./restarts-all-at-once.sh' || [ $$? -eq 1 ]
	PM2DRILL_BROWSER_TEST=1 go test -count=1 -run BrowserScreenshots ./harness/report/compare -shoot $(CURDIR)/reports

.PHONY: spec
spec: ## print what the suites specify, without running them
	go tool ginkgo -v --no-color --dry-run ./scenarios

.PHONY: setup
setup: images build

.PHONY: build
build: ## build bin/pm2drill, static
	go build -trimpath -ldflags='-s -w' -o bin/pm2drill ./harness/cmd/pm2drill

goreleaser := go tool -modfile=.github/goreleaser.mod goreleaser
.PHONY: release-dry-run
release-dry-run: ## try a release: configuration, all platforms, Debian package, checksums, npm packages
	$(goreleaser) check
	$(goreleaser) release --snapshot --clean --skip=sign,sbom,docker
	PM2DRILL_DIST=$(CURDIR)/$(cache)/dist go test -count=1 -v ./harness/release

.PHONY: wordings
wordings: ## record anew what real drivers say of servers that are not well: ten minutes, npm and Debian packages
	fixtures/wordings/record.sh $(cache)/wordings harness/remedy/nodeerr/testdata/wordings

.PHONY: notices
notices: ## write THIRD_PARTY.md: the modules linked into the binary, and their licences
	@mkdir -p $(cache)
	go run ./harness/cmd/notices >$(cache)/THIRD_PARTY.md
	@mv $(cache)/THIRD_PARTY.md .

.PHONY: peers
peers: ## install published engines and customs in .cache/peers, to drill them beside your own
	@harness/engine/peers/install.sh $(cache)/peers

# An engine that breaks promises ends with 1, one that proves nothing with 2: both have a line.
league := bin/pm2drill run --arms healthy,engine,decoy --seed 7 --jobs 6
.PHONY: league
league: setup peers ## drill the reference engine and every peer, and put the table into the README
	@rm -rf reports/league
	@$(league) --out reports/league/reference profile:core || [ $$? -le 2 ]
	@for peer in $(cache)/peers/*; do \
	  $(league) --engine-dir "$$peer" --engine 'sh ./engine.sh' --out "reports/league/$${peer##*/}" profile:core || [ $$? -le 2 ] || exit; \
	done
	bin/pm2drill league --into README.md reports/league/*

.PHONY: docker
docker: ## find a Docker engine, or install and start one
	@images/docker.sh

.PHONY: images
images: docker ## build the images drills run in, if anything has changed
	@images/build.sh

.PHONY: clean
clean: ## remove containers, networks and volumes of pm2drill, and what was built
	-bin/pm2drill clean
	rm -rf bin $(cache)
