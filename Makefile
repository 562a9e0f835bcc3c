# Everything lives in .venv; a change of pyproject.toml or constraints.txt sets it up anew.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
PYTEST ?= $(BIN)/pytest
# One more than there are cores: many tests wait for a terminal or a server most of the time.
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")

.PHONY: run test test-all branches mutants bench soak audit lint snapshots screenshot clean

run: $(READY)
	$(BIN)/darkroom

test: lint branches
	$(PYTEST) -n $(WORKERS) --dist worksteal

# Every branch of what keeps outside text from the terminal, keys from sight, entries on the disk,
# and money from being spent twice.
branches: $(READY)
	$(BIN)/coverage run -m pytest -p no:xdist tests/test_files.py tests/test_keys.py \
	    tests/test_scrub.py tests/test_text.py tests/widgets/test_guard.py \
	    tests/api/test_addresses.py tests/api/test_error_mapping.py tests/api/test_reach.py \
	    tests/generation/test_budget.py tests/generation/test_reconcile.py \
	    tests/generation/test_refusing_disk.py tests/generation/test_run.py \
	    tests/generation/test_run_over_sockets.py tests/generation/test_sending.py \
	    tests/history/test_locks.py tests/history/test_store.py
	$(BIN)/coverage report

# Changes these modules in thousands of ways, one at a time; their tests must notice nine of ten.
mutants: $(VENV)/.mutation
	nice -n 10 $(BIN)/python -m tests.mutants

$(VENV)/.mutation: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group mutation
	touch $@

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The whole suite on every interpreter that this machine has.
test-all:
	@for version in 3.11 3.12 3.13 3.14; do \
	    if python$$version --version >/dev/null 2>&1; then \
	        echo "== Python $$version"; \
	        $(MAKE) test PYTHON=python$$version VENV=.venv-$$version || exit 1; \
	    else \
	        echo "== Python $$version is not on this machine"; \
	    fi; \
	done

bench: $(READY)
	$(PYTEST) tests/benchmarks -s

soak: $(READY)
	$(PYTEST) -m soak -rP
	DARKROOM_TEST_THOROUGH=10 $(PYTEST) tests/api/test_addresses.py tests/api/test_events.py \
	    tests/api/test_fuzzed_answers.py tests/api/test_lifting.py tests/faults/test_model.py \
	    tests/generation/test_sending.py --timeout 3600

# Asks the public databases of holes in libraries; tests/test_security_releases.py knows some without.
audit:
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	.venv-audit/bin/python -m pip install --quiet --group audit
	.venv-audit/bin/pip-audit --strict --no-deps --disable-pip -r constraints.txt

snapshots: $(READY)
	$(PYTEST) tests/screens --snapshot-update

screenshot: $(READY)
	$(BIN)/python docs/screenshot.py

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip -c constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev -e .
	$(BIN)/python -m compileall -q tui
	touch $@

clean:
	rm -rf .venv .venv-* .mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
