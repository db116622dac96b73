# Needs make and Python 3.11 or newer, nothing else. Everything is installed into .venv/ from
# requirements.lock, by hash; a changed lock installs anew.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
INSTALLED := .venv/installed-$(shell cat requirements.lock pyproject.toml | cksum | tr ' ' '-')
TEST_PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports schema states format

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## A whole marketplace on this machine, until Ctrl-C (make run ARGS="--port 9000")
	@exec $(BIN)/souk up --demo $(ARGS)

test: $(INSTALLED) ## All tests, on embedded services of their own (make test ARGS="-k ledger")
	@exec $(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint types imports schema states ## Everything that can be said without running the product

lint: $(INSTALLED) ## Style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## Types, strictly
	$(BIN)/mypy

imports: $(INSTALLED) ## The house's layers
	$(BIN)/lint-imports

schema: $(INSTALLED) ## The committed GraphQL schema is the one the code makes
	$(BIN)/souk schema --check

states: $(INSTALLED) ## The drawn state machines are the ones in code
	$(BIN)/souk states --check

format: $(INSTALLED) ## Write the formatting that check asks for
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Souk needs Python 3.11 or newer; name one with make PYTHON=/path/to/python3.11")'
	@echo "installing into .venv (once for each requirements.lock)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
