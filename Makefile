# Every target brings what it needs, once. `make demo` and `make test` are the two to know.
SHELL := /bin/bash
.DEFAULT_GOAL := help
ENGINE ?= anvil
PYTHON_BIN := build/venv/bin/python
# The binary itself: the launcher beside it ends with 0 whatever the tests say.
FORGE = $(shell ls -d node_modules/@foundry-rs/forge-*/bin/forge 2>/dev/null | head -1)
export PATH := $(CURDIR)/build/venv/bin:$(CURDIR)/build/node/bin:$(PATH)
# What Python compiled once is kept, here and not beside the sources.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/pycache
export SOLCX_BINARY_PATH := $(CURDIR)/build/solc
.PHONY: help setup setup-brownie setup-clients compiler compile demo serve test test-contracts test-contracts-optimized test-gateway invariants clients proofs mutants simulate torture gas wheel bench bench-documents bench-parts fraud-bench watch-bench credit-study test-study test-brownie fuzz-api gallery snapshots back-test replay cases reference docs slither check check-solidity-format hooks format lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16
setup: ## environments, npm packages, compiler
	@scripts/setup.sh gateway
setup-brownie: setup
	@scripts/setup.sh brownie
setup-clients: setup
	@scripts/setup.sh clients
compile: setup ## the contracts, into build/contracts, and what pages load, into build/pages
	@$(PYTHON_BIN) -m scripts.compile
	@$(PYTHON_BIN) -m scripts.page_files
demo: compile ## the whole story on a real chain (ENGINE=anvil|ganache); with SERVE=1 the pages stay up afterwards
	@cession demo --engine $(ENGINE) $(if $(SERVE),--serve)
serve: compile ## the gateway on an embedded chain with all stories told, or with parties only (EMPTY=1); writes build/serve.json
	@cession serve --engine $(ENGINE) $(if $(EMPTY),--empty) --write build/serve.json
compiler: setup
	@$(PYTHON_BIN) -m scripts.compile --command-only
# Without the optimizer, and linked to the contracts when they run instead of compiled with their code inside: it takes
# minutes less. Forge misses some changes of what is linked, so any change drops all that was compiled.
build/linked/sources: foundry.toml package-lock.json $(shell find contracts tests/contracts -name '*.sol')
	@rm -rf build/linked && mkdir -p build/linked && touch $@
test-contracts: compiler build/linked/sources ## forge: fuzz and invariants, short, the same each time, without the optimizer
	@: > build/reached.tsv
	@FOUNDRY_FUZZ_SEED=0x2026 FOUNDRY_OPTIMIZER=false FOUNDRY_DYNAMIC_TEST_LINKING=true \
		FOUNDRY_OUT=build/linked/out FOUNDRY_CACHE_PATH=build/linked/cache \
		$(FORGE) test --no-match-path 'tests/contracts/gas/**' --no-match-test code_size_limit
	@$(PYTHON_BIN) -m scripts.reached
# In two parts, because the compiler's memory holds no more than some half of the tests at a time.
test-contracts-optimized: compiler ## the same with the contracts as they are deployed, some ten minutes
	@: > build/reached.tsv
	@FOUNDRY_FUZZ_SEED=0x2026 $(FORGE) test --match-path 'tests/contracts/lending/**'
	@FOUNDRY_FUZZ_SEED=0x2026 $(FORGE) test --no-match-path 'tests/contracts/{gas,lending}/**'
	@$(PYTHON_BIN) -m scripts.reached
test: JOBS ?= 3
test: compiler ## all tests but the long ones: contracts beside all others (JOBS=how many of the others at a time)
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) JOBS=$(JOBS) test-contracts test-gateway
# A `+` shows what a command prints at once, and what forge prints comes in one piece.
test-gateway: JOBS ?= 3
test-gateway: compile setup-brownie setup-clients ## pytest: all but the contracts' own tests
	+@env -u MAKEFLAGS -u MAKELEVEL $(PYTHON_BIN) -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder
invariants: compiler ## forge: 10,000 runs, 32 deep
	@: > build/reached.tsv
	@FOUNDRY_PROFILE=deep $(FORGE) test --match-path 'tests/contracts/lending/**'
	@FOUNDRY_PROFILE=deep $(FORGE) test --no-match-path 'tests/contracts/{gas,lending}/**'
	@$(PYTHON_BIN) -m scripts.reached
wheel: compile ## the package that pip installs, and its sources, into build/dist
	@build/bootstrap/bin/uv build --quiet --no-build-isolation --python $(PYTHON_BIN) --out-dir build/dist
	@ls build/dist/cession-*
clients: setup-clients ## the client libraries for Python and TypeScript, into build/dist
	@$(PYTHON_BIN) -m scripts.clients
	@ls build/dist/cession[_-]client-*
proofs: compile ## halmos: arithmetic and nonces proved for all values (Python 3.12+)
	@scripts/setup.sh proofs
	@FOUNDRY_PROFILE=proofs PATH="$(CURDIR)/$(dir $(FORGE)):$(PATH)" build/halmos/bin/halmos --forge-build-out build/proofs/out --no-status \
		--solver-timeout-assertion 300s --solver-timeout-branching 20ms --solver-command "$(CURDIR)/build/halmos/bin/python tests/contracts/proofs/solver.py"
mutants: compile ## faults put into the contracts, one at a time: do the tests notice? (MUTANTS=part of a name, PER_FILE=2, RESUME=1)
	@$(PYTHON_BIN) -m scripts.mutants --filter "$(MUTANTS)" $(if $(PER_FILE),--per-file $(PER_FILE)) $(if $(RESUME),--resume)
simulate: SEEDS ?= 300
simulate: JOBS ?= 1
simulate: compile ## gateways against a simulated chain, network, disk and clock (SEEDS=how many, FIRST=from, SEED=just one, with its trace)
	@PYTHONHASHSEED=0 $(PYTHON_BIN) -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(or $(FIRST),0) --jobs $(JOBS))
torture: N ?= 10000
torture: STORE ?= sqlite
torture: GATEWAYS ?= 1
torture: SEED ?= 1
torture: compile ## real gateways under kill -9, a lying node, reorganisations (N=commands, STORE=sqlite|postgresql, GATEWAYS=1|2, SEED=1); into build/torture.json
	@$(PYTHON_BIN) -m tests.torture --count $(N) --store $(STORE) --gateways $(GATEWAYS) --seed $(SEED)
simulate-mutants: compile ## faults put into the gateway on purpose: does the simulation find each?
	@PYTHONHASHSEED=0 $(PYTHON_BIN) -m tests.simulation.mutants
gas: compile ## gas of each operation into build/gas.json and the snapshot
	@$(PYTHON_BIN) -m benchmarks.gas
bench: compile ## speed into build/bench.json
	@$(PYTHON_BIN) -m benchmarks
bench-documents: setup ## processor time of large invoices, bank messages and stock files
	@$(PYTHON_BIN) -m benchmarks.documents
bench-parts: setup ## parts of our own beside the library that has them, into build/bench-parts.json
	@$(PYTHON_BIN) -m benchmarks.parts
fraud-bench: SEEDS ?= 11-20
fraud-bench: CHOOSE ?= 1-5
fraud-bench: SIZE ?= 200
fraud-bench: JOBS ?= 1
fraud-bench: setup ## checks of trade records on markets with fraud, into build/fraud (SEEDS=judged on, CHOOSE=threshold chosen on, SIZE=companies, BESIDE=earlier fraud-bench.json)
	@$(PYTHON_BIN) -m benchmarks.fraud --seeds "$(SEEDS)" --choose "$(CHOOSE)" --size "$(SIZE)" --jobs "$(JOBS)" $(if $(BESIDE),--beside "$(BESIDE)")
watch-bench: SEEDS ?= 1 2 3
watch-bench: SIZE ?= 1000
watch-bench: setup ## how early the watch warns on a simulated trade, into build/watch (SEEDS="1 2 3", SIZE=borrowers)
	@$(PYTHON_BIN) -m benchmarks.watch --seeds $(SEEDS) --size "$(SIZE)"
credit-study: SEED ?= 2027
credit-study: SEEDS ?= 11,12,13,14
credit-study: SIZE ?= 600
credit-study: test-study ## scorecards fitted and judged beside the shipped one, into build/credit-study (SEED=2027, SEEDS=other markets, SIZE=firms of a cohort, OUTCOMES=cases with real outcomes, CSV)
	@build/study/bin/python -m benchmarks.credit --seed "$(SEED)" --seeds "$(SEEDS)" --size "$(SIZE)" $(if $(OUTCOMES),--outcomes "$(OUTCOMES)")
test-study: setup ## the tests that need the libraries of the credit study
	@scripts/setup.sh study
	@build/study/bin/python -m pytest -c tests/study/pytest.ini tests/study
test-brownie: compile setup-brownie ## the test in which Brownie compiles all contracts before it deploys them, some minutes
	@$(PYTHON_BIN) -m pytest tests/brownie
fuzz-api: compile ## Schemathesis against a real gateway, for each role (EXAMPLES=20, SEED=2026, ROLES="supplier bank")
	@scripts/setup.sh fuzz
	@EXAMPLES="$(EXAMPLES)" SEED="$(SEED)" ROLES="$(ROLES)" $(PYTHON_BIN) -m scripts.fuzz_api
gallery: compile ## pictures of the browser pages for docs/guides/gallery.md: a told world in a real Chromium (ONLY=part of a name, ACCESS=build/serve.json of a gateway that runs, WHOLE=1 for all ways, into build/gallery)
	@$(PYTHON_BIN) -m scripts.gallery --only "$(ONLY)" $(if $(ACCESS),--access "$(ACCESS)") $(if $(WHOLE),--whole)
snapshots: compile ## pictures of key pages anew, where they differ from tests/pages/snapshots (ONLY=part of a name)
	@RENEW_SNAPSHOTS=1 $(PYTHON_BIN) -m pytest tests/pages/test_snapshots.py -k "looks_as_in_its_snapshot$(if $(ONLY), and $(ONLY))"
	@git status --short tests/pages/snapshots 2>/dev/null || true
back-test: DATA ?= ../shared/data/retail/online-retail-2010-2011.csv.gz
back-test: setup ## haircuts on past sales, into build/valuation (DATA=sales lines, CSV)
	@test -f "$(DATA)" || { echo "make back-test: no file $(DATA); give one: make back-test DATA=sales.csv.gz" >&2; exit 2; }
	@cession valuation back-test "$(DATA)"
replay: DATA ?= ../shared/data/commodities/commodity-prices-1980-2017.csv.gz
replay: setup ## margin rules on past prices, into build/valuation (DATA=monthly prices, CSV)
	@test -f "$(DATA)" || { echo "make replay: no file $(DATA); give one: make replay DATA=prices.csv.gz" >&2; exit 2; }
	@cession valuation replay "$(DATA)"
cases: DATA ?= tests/unit/data/peer-cases.csv.gz
cases: setup ## figures of outside loan engines and calendars beside our own (DATA=cases, CSV)
	@$(PYTHON_BIN) -m scripts.cases "$(DATA)"
reference: compile ## docs/reference: API, contracts with their ABIs, command line, settings, make targets
	@$(PYTHON_BIN) -m scripts.reference
docs: ## the docs as a site, into build/site; fails on a link that leads nowhere
	@scripts/setup.sh docs
	@build/docs-venv/bin/python -m scripts.docs_site
slither: compile ## static analysis; contracts/slither.toml explains what it finds
	@scripts/setup.sh slither
	@$(PYTHON_BIN) -m scripts.slither
check: compile ## linters, types, layers, static analysis
	@ruff check . && ruff format --check . && mypy && lint-imports
	@$(MAKE) --no-print-directory check-solidity-format
	@node_modules/.bin/solhint --disc --noPoster --max-warnings 0 'contracts/**/*.sol'
	@pre-commit validate-config
	@$(MAKE) --no-print-directory slither
check-solidity-format:
	@$(FORGE) fmt --check
hooks: setup ## check what changed before each commit (Git hooks, by pre-commit)
	@pre-commit install
format: setup ## write the house format
	@ruff check --fix-only . ; ruff format . ; $(FORGE) fmt
lock: setup ## compile the lock files anew
	@for name in bootstrap brownie clients docs fuzz node slither study; do build/bootstrap/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done
	@build/bootstrap/bin/uv pip compile -q --no-deps --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements/study-data.in -o requirements/study-data.txt
	@build/bootstrap/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.12 requirements/proofs.in -o requirements/proofs.txt
	@build/bootstrap/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 --extra dev pyproject.toml -o requirements/gateway.txt
clean: ## remove everything that was built
	rm -rf build node_modules
