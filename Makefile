# Every command of the README. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := bash
FUNCTIONS := auth-validator contact-retriever agent-retriever interaction-retriever action-executor
FUNCTION_FLAGS := $(addprefix -p ,$(FUNCTIONS))
CARGO ?= cargo
TOOLS := target/test-env/bin
SAM := PATH="$(CURDIR)/$(TOOLS):$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 sam
# samconfig.toml's table for this machine's processor.
HERE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm,default)
ARCHITECTURE_HERE := $(if $(filter arm,$(HERE)),arm64,x86_64)
# What a function of `make functions` may have at most, kB; two hundredths more than it has.
LARGEST := 14000
# Given on make's command line, read by deploy/deploy.sh and tests/sam-local.
export CONFIRM OVERLAY PARAMETERS SAM_ARGUMENTS INSTALL_DOCKER
# Many tests wait, for a Retry-After or a secret's age, and may do so side by side.
WAITING := RUST_TEST_THREADS=8

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.PHONY: demo
demo: ## start a demo CRM and the bridge, play Talkdesk against them; needs Rust only
	@$(CARGO) run --quiet --locked -p talkdesk-bridge -- demo

.PHONY: test
test: ## everything that CI runs; the functions are built beside the fast tests
	$(MAKE) --no-print-directory --jobs=2 test-code test-tools
	$(WAITING) $(CARGO) test --locked --workspace --test start_up --test end_to_end

# The two halves that `make test` runs side by side: one downloads and links while the other one compiles.
.PHONY: test-code test-tools
test-code:
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory test-fast
test-tools:
	$(MAKE) --no-print-directory environments
	$(MAKE) --no-print-directory functions template

.PHONY: lint
lint: ## formatting, clippy and documentation, warnings denied
	$(CARGO) fmt --all --check
	shared/tests/sync_model/mutate.sh --texts
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --lib --no-deps --quiet

.PHONY: test-fast
test-fast: ## contract, manifest, engine, CLI, demo CRM; no installation, no network
	$(WAITING) $(CARGO) test --locked --workspace

.PHONY: check-manifests
check-manifests: ## load every manifest and replay its fixtures
	$(CARGO) run --quiet --locked -p talkdesk-bridge -- check manifests/*

.PHONY: aws-tools
aws-tools: ## SAM, Lambda's emulator and moto, pinned, under target/
	@tests/setup-aws-tools.sh

.PHONY: environments
environments: aws-tools ## the Python environments of the tests: AWS's tools, a Roundup and a Tryton server
	@tests/roundup/setup.sh
	@tests/tryton/setup.sh

.PHONY: template
template: aws-tools ## validate and lint template.yaml
	$(SAM) validate --lint
	$(TOOLS)/cfn-lint template.yaml

.PHONY: test-checkov
test-checkov: ## template.yaml against checkov's rules; installs 300 MB once, in a minute
	tests/checkov/run.sh

.PHONY: functions
functions: aws-tools ## what the tests run under Lambda's emulator: what `sam build` makes for this machine's processor
	$(SAM) build --config-env $(HERE) --build-dir .aws-sam/test
	deploy/check-build.sh $(ARCHITECTURE_HERE) .aws-sam/test $(LARGEST)

.PHONY: test-start-up
test-start-up: ## what `make functions` has made: instructions until a function asks for an event, by valgrind if it is there
	$(CARGO) test --locked --workspace --test start_up

.PHONY: test-end-to-end
test-end-to-end: functions ## the functions under Lambda's emulator, with moto and a real CRM
	$(WAITING) $(CARGO) test --locked --workspace --test end_to_end

.PHONY: test-real-crms
test-real-crms: functions ## the functions with Odoo 11 (needs Python 3.7: pyenv install 3.7), Request Tracker 5 and Redmine 5 (Debian's packages)
	$(WAITING) $(CARGO) test --locked --workspace --features end-to-end/real-crms --test real

.PHONY: build
build: aws-tools ## sam build for this machine: all five functions, under .aws-sam/
	$(SAM) build --config-env $(HERE)

.PHONY: local
local: build ## what `sam local` needs beside the functions: the demo CRM and its secret, where containers reach them
	$(CARGO) run --quiet --locked -p talkdesk-bridge -- local

.PHONY: test-sam-local
test-sam-local: build ## every sample event through `sam local invoke` in Docker, start-api with simulate; root starts an engine (INSTALL_DOCKER=yes)
	$(CARGO) build --quiet --locked -p talkdesk-bridge
	PATH="$(CURDIR)/$(TOOLS):$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(TOOLS)/python tests/sam-local/run.py

.PHONY: test-deploy
test-deploy: aws-tools ## `make deploy` against moto: what is uploaded is for the stack's processor; builds for both
	$(TOOLS)/python tests/stack/deploy.py

.PHONY: package
package: export CARGO_PROFILE_RELEASE_LTO ?= fat
package: aws-tools ## the five functions as zip files in target/package; ARCHITECTURE=arm64 or x86_64
	$(SAM) build --config-env $(if $(filter x86_64,$(ARCHITECTURE)),default,staging) --build-dir .aws-sam/package
	deploy/check-build.sh $(or $(ARCHITECTURE),arm64) .aws-sam/package
	mkdir -p target/package
	cd .aws-sam/package && for function in */; do \
	  ../../$(TOOLS)/python -m zipfile -c ../../target/package/$${function%/}-$(or $(ARCHITECTURE),arm64).zip $$function/bootstrap; done

.PHONY: deploy
deploy: aws-tools ## make deploy INTEGRATION=hubspot ENV=staging (dev, staging, production); CONFIRM=no, OVERLAY=FILE
	@PATH="$(CURDIR)/$(TOOLS):$$PATH" deploy/deploy.sh "$(INTEGRATION)" "$(or $(ENV),dev)"

.PHONY: bench
bench: export CARGO_PROFILE_RELEASE_LTO ?= fat
bench: ## the functions beside floors and what one would write in Python and Node.js; writes docs/benchmarks.md (ROUNDS=30)
	@bench/rivals/setup.sh
	$(CARGO) build --locked --release -p bench $(FUNCTION_FLAGS)
	target/release/bench $(ROUNDS)

.PHONY: bench-guard
bench-guard: ## instructions of start-up and of one page, and sizes, against bench/budget.json; needs valgrind
	$(CARGO) build --locked --release -p bench $(FUNCTION_FLAGS)
	target/release/bench guard

.PHONY: bench-profile
bench-profile: ## which functions start-up, a first ring and a warm page go to; needs valgrind
	CARGO_PROFILE_RELEASE_STRIP=none $(CARGO) build --locked --release -p bench $(FUNCTION_FLAGS)
	target/release/bench profile

.PHONY: bench-sync
bench-sync: ## syncs of 200,000 and a million contacts; writes the table of docs/scale.md (N="10000 200000" for others)
	$(CARGO) build --locked --release -p bench -p demo-crm -p contact-retriever
	target/release/bench sync $(or $(N),200000 1000000)

.PHONY: prove-sync
prove-sync: ## 10,000 random configurations of a changing CRM; prints what was lost, also by the usual algorithms
	$(CARGO) test --locked --release -p bridge --test sync_model -- prove --ignored --nocapture

.PHONY: mutants-sync
mutants-sync: ## break the sync in one place each, in a copy, and see the tests fail
	shared/tests/sync_model/mutate.sh

.PHONY: test-attacks
test-attacks: functions ## the attacks that take long: 10,000 requests of eight accounts, hostile texts through every input
	$(CARGO) test --locked --workspace --test end_to_end -- security --ignored --nocapture

.PHONY: failure-modes
failure-modes: functions ## write docs/failure-modes.md anew, from what the functions do
	UPDATE_DOCS=1 $(CARGO) test --locked --workspace --test end_to_end failure_modes

.PHONY: fuzz
fuzz: ## every fuzz target for TIME=60 seconds, with what earlier runs found; needs a C++ compiler
	TIME=$(or $(TIME),60) CARGO="$(CARGO)" fuzz/run.sh

.PHONY: test-editor
test-editor: ## manifests in a real language server: completion, explanation, typos; needs Node.js 18 or later
	tests/editor/setup.sh
	node tests/editor/check.mjs

.PHONY: test-inspector
test-inspector: ## the page of `serve --inspect` in a pinned Chromium; needs Node.js 20.11 or later, skips where it cannot run
	CARGO="$(CARGO)" tests/inspector/run.sh

.PHONY: test-full
test-full: test test-editor test-inspector ## also what takes longer: the PDF (four minutes to build once), Odoo and the long proof of the sync
	$(CARGO) clippy --locked -p talkdesk-bridge --features pdf --all-targets -- -D warnings
	$(CARGO) test --locked -p talkdesk-bridge --features pdf --test document
	$(CARGO) clippy --locked -p end-to-end --features real-crms --all-targets -- -D warnings
	$(MAKE) test-real-crms
	$(MAKE) test-checkov
	$(MAKE) test-sam-local
	$(MAKE) test-deploy
	$(MAKE) test-attacks
	$(MAKE) prove-sync
