# Needs make and Python 3.11, 3.12 or 3.13 with its venv module; everything else is installed into .venv.
#
#   make run      start the app on http://localhost:8501; another port: make run PORT=8600;
#                 for other machines too: make run ADDRESS=0.0.0.0 HOSTS="NAME 192.168.1.7"
#   make test     run the tests; some of them: make test ARGS="tests/core -k query"
#   make check    lint, check formatting and types, run all tests, train what the lessons promise
#   make format   format the code and fix what the linter can fix
#   make bench    run the benchmarks; one of them: make bench ARGS=NAME
#   make clean    remove .venv and whatever the tools left behind
#
# Another Python: make run PYTHON=/path/to/python3.12

PORT ?= 8501
ADDRESS ?=
HOSTS ?=
PYTHON ?= python3.11 python3.12 python3.13 python3
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --disable-pip-version-check --no-input
# Files that are as old as the last install, so that pip runs again only when requirements changed.
INSTALLED := $(VENV)/requirements.stamp
INSTALLED_DEV := $(VENV)/requirements-dev.stamp
# TypeScript's compiler checks the types in the panels' JavaScript. Node and npm are not required: without them,
# or without a connection to npm's registry, that check is skipped.
TYPESCRIPT := 7.0.2
NODE_TOOLS := $(VENV)/node
TSC := $(NODE_TOOLS)/node_modules/.bin/tsc
NPM_INSTALL := npm install --prefix $(NODE_TOOLS) --no-save --no-package-lock --no-audit --no-fund \
	--fetch-retries 1 --fetch-timeout 30000 --loglevel silent

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check lessons lint lint-types-js format bench browser clean

help:
	@sed -n 's/^#   make/make/p' Makefile

run: $(INSTALLED)
	@exec $(PY) -m streamlit run app.py --server.port $(PORT) \
		$(if $(ADDRESS),--server.address $(ADDRESS)) \
		$(if $(HOSTS),$(foreach host,localhost 127.0.0.1 $(HOSTS),--server.allowedHosts $(host)))

# Three processes, because two of them begin with journeys, which wait a good deal: tests/conftest.py says who gets what.
# They keep what Python compiles, whatever the environment says: else each compiles all tests anew, for 14 s of a
# processor, and every server and worker that they start compiles the whole program.
test: browser
	env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n 3 --no-loadscope-reorder $(ARGS)

check: lint test lessons

lessons: $(INSTALLED_DEV)
	$(PY) -m core lessons check

lint: $(INSTALLED_DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/oxlint --deny-warnings ui benchmarks
	@$(MAKE) --no-print-directory lint-types-js

lint-types-js:
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
		echo "Types of the JavaScript: skipped, because Node or npm is not installed"; \
	elif [ "$$($(TSC) --version 2>/dev/null)" != "Version $(TYPESCRIPT)" ] && ! $(NPM_INSTALL) typescript@$(TYPESCRIPT) >/dev/null; then \
		echo "Types of the JavaScript: skipped, because TypeScript $(TYPESCRIPT) could not be installed"; \
	else \
		echo "$(TSC) --project ."; \
		$(TSC) --project .; \
	fi

format: $(INSTALLED_DEV)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: $(INSTALLED_DEV)
	$(PY) -m benchmarks $(ARGS)

# Prints the path of the browser that the tests drive, after installing one where there is none.
browser: $(INSTALLED_DEV)
	@$(PY) -m tests.browser.chromium

clean:
	rm -rf $(VENV) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pyvenv.cfg and not bin/python, which is a link and carries the date of the machine's own Python.
# A candidate must run, not only exist: a pyenv shim exists for versions that are switched off.
$(VENV)/pyvenv.cfg:
	@found=; \
	for python in $(PYTHON); do \
		"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || continue; \
		found=$$python; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
		echo "Making $(VENV) with $$python"; \
		exec "$$python" -m venv --clear $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
		echo "$$found has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
	else \
		echo "Python 3.11, 3.12 or 3.13 is needed, and none of these is one: $(PYTHON)" >&2; \
	fi; \
	exit 1

$(INSTALLED): requirements.txt $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@
