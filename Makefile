# Two commands do everything: `make report` and `make test`. Both set up .venv first.
export TZ := UTC
export LC_ALL := C.UTF-8
export PYTHONHASHSEED := 0
export SOURCE_DATE_EPOCH := 0
SHELL := /bin/bash
BASE_PYTHON ?= python3.11
PYTHON := .venv/bin/python
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help report test lab refresh check bench clean lint lock browser

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

report: $(READY) ## set up, build and make the reports; then open reports/index.html
	@$(PYTHON) -m analysis report

test: $(READY) browser lint ## run every test: rooms, notebooks, pages in a browser
	@$(PYTHON) -m pytest -n auto --dist loadfile tests analysis
	@$(PYTHON) -m pytest -n auto --dist loadfile --nbval notebooks

# Our own outputs are trusted, or JupyterLab would take their styles and pop-overs away until the cells are run again.
lab: $(READY) ## open JupyterLab on the notebooks
	@$(PYTHON) -m ipykernel install --sys-prefix --name python3 --display-name "Python 3 (Stancebook)" >/dev/null
	@$(PYTHON) -m jupyter trust notebooks/*.ipynb >/dev/null
	@$(PYTHON) -m jupyterlab notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

refresh: $(READY) ## run the notebooks in place and make the documentation's tables and picture again
	@$(PYTHON) -m analysis refresh

check: $(READY) ## read every corpus and say what is wrong with it
	@$(PYTHON) -m analysis check

bench: $(READY) ## print the tables of benchmarks/
	@for script in ingest coverage survival scales networks scale reports regeneration incremental readers faults; do $(PYTHON) benchmarks/$$script.py || exit 1; done

lint: $(READY) ## ruff and mypy
	@$(PYTHON) -m ruff check --quiet . && $(PYTHON) -m ruff format --check --quiet . && $(PYTHON) -m mypy

lock: $(READY) ## resolve the dependencies of pyproject.toml anew
	@.venv/bin/uv pip compile pyproject.toml --all-extras --universal -p 3.11 --generate-hashes \
		--no-header --no-annotate --upgrade --output-file requirements.lock >/dev/null

clean: ## remove what was built: .venv, data/processed, reports
	rm -rf .venv data/processed reports *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The lock holds everything, hashes included, so nothing is resolved here (--no-deps). uv installs it in seconds; where uv
# cannot reach the package index the way pip is set up to, pip does.
INSTALL := --no-deps --require-hashes -r requirements.lock
$(READY): requirements.lock
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Stancebook needs Python 3.11 as $(BASE_PYTHON); name another with: make BASE_PYTHON=..." >&2; exit 1; }
	@echo "setting up .venv (once)"
	@$(BASE_PYTHON) -m venv --clear .venv
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements.lock > .venv/uv.lock
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock
	@$(PYTHON) -m uv pip install --quiet --compile-bytecode --python $(PYTHON) $(INSTALL) \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check $(INSTALL)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The page tests need a Chromium. Continuous integration installs one; elsewhere the system's is used where there is one.
browser:
ifeq ($(CI),true)
	@command -v chromium chromium-browser google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| echo "no Chromium here and none could be installed: the page tests will say that they are skipped" >&2
endif
