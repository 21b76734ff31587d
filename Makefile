# Everything a newcomer types. `make demo` and `make test` set up what they need on a machine that has
# Python 3.11 with pip and venv; when the lock has not changed, set-up is a file comparison.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.PHONY: demo test lint check bench soak fuzz fuzz-long settles interop browser torture mutants reference lock clean

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

# Peers that nobody here wrote, installed without asking where they are not there, and the matrix of what each can do
# with us. ARGS=--write writes it into the README; other ARGS are pytest's.
interop: $(READY)
	@$(BIN)/python -m tests.interop $(ARGS)

# Four ESMEs graded by the torture suite; the table of the README. Some two minutes.
torture: $(READY) build/interop/node_modules/smpp
	@NODE_PATH=build/interop/node_modules $(BIN)/python -m tests.torture $(ARGS)

# node-smpp is fetched by name and version and never committed.
NODE_SMPP := 0.5.1
build/interop/node_modules/smpp:
	@mkdir -p build/interop
	@npm install --silent --no-fund --no-audit --no-save --no-package-lock --prefix build/interop smpp@$(NODE_SMPP)

# A million mutated PDUs at both codecs and both sessions: a table of figures, and 1 when anything was found.
# ARGS="--seed 7" plays others, "--replay 7:1234" one again.
fuzz: $(READY)
	@$(BIN)/python -m tests.fuzz $(ARGS)

# A thousand settles beside busy cores, and the control that waits 50 ms instead and must be wrong.
settles: $(READY)
	@$(BIN)/python -m tests.settles $(ARGS)

# The same codecs and sessions under atheris, as long as you like: make fuzz-long LONG_S=3600. It is 35 MB and no part
# of the lock.
ATHERIS := 3.0.0
LONG_S ?= 600
FUZZ := PYTHONPATH=build/atheris $(BIN)/python -m
fuzz-long: $(READY) build/atheris/atheris
	@$(BIN)/python -m tests.fuzz --seeds build/fuzz
	@$(FUZZ) tests.fuzz.atheris_codecs -max_total_time=$(LONG_S) -artifact_prefix=build/fuzz/ build/fuzz/codecs
	@$(FUZZ) tests.fuzz.atheris_sessions -max_total_time=$(LONG_S) -artifact_prefix=build/fuzz/ build/fuzz/sessions

build/atheris/atheris:
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --target build/atheris atheris==$(ATHERIS)

# The report's page in a browser: Debian's chromium, driven by playwright; axe-core says who could not use the page.
AXE_CORE := 4.14.1
browser: $(READY) build/browser/node_modules/axe-core
	@command -v chromium >/dev/null || { apt-get -qq update && \
	  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-liberation >/dev/null; }
	@AXE_CORE=build/browser/node_modules/axe-core $(BIN)/python -m pytest tests/browser/*.py $(ARGS)

build/browser/node_modules/axe-core:
	@mkdir -p build/browser
	@npm install --silent --no-fund --no-audit --no-save --no-package-lock --prefix build/browser axe-core@$(AXE_CORE)

# Beside the simulator's SMSC it loads node-smpp's, where npm can install it; beside the gateway's outbox it empties
# Kannel's, where `make interop` has installed that. Without them it says so.
bench: $(READY)
	-@$(MAKE) --no-print-directory build/interop/node_modules/smpp
	@NODE_PATH=build/interop/node_modules $(BIN)/python -m tests.bench $(ARGS)

# An hour at 300 flows a second in four minutes, or as much of it as this machine can: does anything grow?
soak: $(READY)
	@$(BIN)/python -m simulator load --kind soak $(ARGS)

# Each line of handlers changed in turn: which change no test notices, held against what tests/mutants.md says of it.
# A quarter of an hour.
mutants: $(READY)
	@TZ=Asia/Tokyo nice -n 10 $(BIN)/mutmut run --max-children 2 $(ARGS)
	@$(BIN)/python -m tests.mutants

# The reference model beside the real store: ARGS="--seed 4 --run 12" plays one run again, "--cohorts 50" more.
reference: $(READY)
	@$(BIN)/python -m tests.reference $(ARGS)

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
