# Every command of the README. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := bash
FUNCTIONS := auth-validator contact-retriever agent-retriever interaction-retriever action-executor
FUNCTION_FLAGS := $(addprefix -p ,$(FUNCTIONS))
CARGO ?= cargo
TOOLS := target/test-env/bin
# Many tests wait, for a Retry-After or a secret's age, and may do so side by side.
WAITING := RUST_TEST_THREADS=8

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.PHONY: demo
demo: ## start a demo CRM and the bridge, play Talkdesk against them; needs Rust only
	@$(CARGO) run --quiet --locked -p talkdesk-bridge -- demo

.PHONY: test
test: lint test-fast check-manifests template functions test-end-to-end ## everything that CI runs

.PHONY: lint
lint: ## formatting, clippy and documentation, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --quiet

.PHONY: test-fast
test-fast: ## contract, manifest, engine, CLI, demo CRM; no installation, no network
	$(WAITING) $(CARGO) test --locked --workspace --exclude end-to-end

.PHONY: check-manifests
check-manifests: ## load every manifest and replay its fixtures
	$(CARGO) run --quiet --locked -p talkdesk-bridge -- check manifests/*

.PHONY: aws-tools
aws-tools: ## SAM, Lambda's emulator and moto, pinned, under target/
	@tests/setup-aws-tools.sh

.PHONY: template
template: aws-tools ## validate and lint template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(TOOLS)/sam validate --lint
	$(TOOLS)/cfn-lint template.yaml

.PHONY: functions
functions: ## the five functions in release form, for this machine
	$(CARGO) build --locked --release $(FUNCTION_FLAGS)

.PHONY: test-end-to-end
test-end-to-end: aws-tools functions ## the functions under Lambda's emulator, with moto and a real CRM
	$(WAITING) $(CARGO) test --locked -p end-to-end

.PHONY: test-real-crms
test-real-crms: aws-tools functions ## the functions with Odoo 11; needs Python 3.7 (pyenv install 3.7), takes two minutes cold
	$(WAITING) $(CARGO) test --locked -p end-to-end --features real-crms --test real

.PHONY: build
build: aws-tools ## sam build: all five functions, zipped form under .aws-sam/
	PATH="$(CURDIR)/$(TOOLS):$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 sam build

.PHONY: deploy
deploy: build ## sam deploy with samconfig.toml; ENV=staging or production
	PATH="$(CURDIR)/$(TOOLS):$$PATH" sam deploy --config-env $(or $(ENV),default)

.PHONY: bench-sync
bench-sync: aws-tools functions ## a million contacts through the contact function (N=… for another number)
	$(CARGO) build --locked --release -p demo-crm -p end-to-end --bins
	target/release/bench-sync $(N)

.PHONY: prove-sync
prove-sync: ## 10,000 random configurations of a changing CRM; prints what was lost, also by the usual algorithms
	$(CARGO) test --locked --release -p bridge --test sync_model -- prove --ignored --nocapture

.PHONY: mutants-sync
mutants-sync: ## break the sync in eight ways, each in a copy, and see the tests fail
	shared/tests/sync_model/mutate.sh

.PHONY: test-full
test-full: test ## also what takes longer: the PDF (four minutes to build once), Odoo and the long proof of the sync
	$(CARGO) clippy --locked -p talkdesk-bridge --features pdf --all-targets -- -D warnings
	$(CARGO) test --locked -p talkdesk-bridge --features pdf --test document
	$(CARGO) clippy --locked -p end-to-end --features real-crms --all-targets -- -D warnings
	$(MAKE) test-real-crms
	$(MAKE) prove-sync
