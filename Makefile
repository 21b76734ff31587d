# Everything a newcomer types. `make demo` and `make test` set up what they need on a machine that has
# Python 3.11 with pip and venv; when the lock has not changed, set-up is a file comparison.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.PHONY: demo test lint check bench lock clean

demo: $(READY)
	@$(BIN)/python -m simulator demo $(ARGS)

test: lint
	@$(BIN)/python -m pytest -n 2 $(ARGS)

lint: $(READY)
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy

check: $(READY)
	@$(BIN)/python -m gateway check

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS)

lock: $(READY)
	@$(BIN)/pip install -q pip-tools
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras \
	  --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	  -o requirements.lock pyproject.toml
	@$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --extra dev -c requirements.lock \
	  --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	  -o requirements-dev.lock pyproject.toml

$(READY): requirements-dev.lock
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
