# Everything runs in .venv, installed from a lock with hashes. `make setup` comes by itself. The
# oldest Synapse that is promised has an environment beside it, for its tests alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed-from-lock
OLDEST := .venv-oldest
OLDEST_INSTALLED := $(OLDEST)/.installed-from-lock
PIP_INSTALL := pip install --quiet --disable-pip-version-check

# make demo LANGUAGE=en (only when said to make: desktops export LANGUAGE for their own use)
ifeq ($(origin LANGUAGE),command line)
DEMO_OPTIONS += --language $(LANGUAGE)
endif

.PHONY: help setup oldest-synapse demo test check bench format lock clean

help:
	@echo 'make demo    a living school on this machine (LANGUAGE=en for the English one)'
	@echo 'make test    the whole test suite (ARGS=... goes to pytest)'
	@echo 'make check   formatting, ruff, mypy --strict, import-linter'
	@echo 'make bench   the benchmarks'
	@echo 'make setup   only install, into $(VENV)'
	@echo 'make oldest-synapse  only install the oldest Synapse that is promised, into $(OLDEST)'
	@echo 'make format  put the code into its one format'
	@echo 'make lock    compute requirements/*.lock again (needs uv; ARGS=--upgrade for newer releases)'
	@echo 'make clean   remove what the tools left behind'

setup: $(INSTALLED)

$(INSTALLED): requirements/dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'Python is missing: install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) -V 2>&1)." >&2; \
	  echo 'If a newer one is installed, name it: make PYTHON=python3.13 setup.' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments." >&2; \
	  echo 'On Debian and Ubuntu: apt-get install python3-venv, then run make again.' >&2; exit 1; }
	@echo "Installing into $(VENV): about a minute, the first time."
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/$(PIP_INSTALL) --require-hashes -r requirements/dev.lock
	$(BIN)/$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# That Synapse stands on the first version of pydantic, which ends with Python 3.13.
oldest-synapse: setup
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 14))'; then \
	  echo 'The oldest Synapse needs Python 3.13 or older: its tests are skipped.'; \
	else $(MAKE) --no-print-directory $(OLDEST_INSTALLED); fi

$(OLDEST_INSTALLED): requirements/oldest-synapse.lock
	@echo "Installing the oldest Synapse into $(OLDEST): half a minute, the first time."
	test -x $(OLDEST)/bin/pip || $(BIN)/python -m venv $(OLDEST)
	$(OLDEST)/bin/$(PIP_INSTALL) --require-hashes -r $<
	@touch $@

demo: setup
	@$(BIN)/school-spaces demo $(DEMO_OPTIONS)

test: setup oldest-synapse
	$(BIN)/pytest -n 3 --dist worksteal $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m benchmarks.provision --classes 4
	$(BIN)/python -m benchmarks.check_roster --people 100000
	$(BIN)/python -m benchmarks.resync --people 100000
	$(BIN)/python -m benchmarks.drift
	$(BIN)/python -m benchmarks.deliver
	$(BIN)/python -m benchmarks.page

format: setup
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

UV := $(firstword $(wildcard $(BIN)/uv) uv)
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(ARGS)
COMPILE_OURS := $(COMPILE) pyproject.toml --group build

lock:
	@command -v $(UV) >/dev/null || { echo 'uv is missing: $(BIN)/pip install uv' >&2; exit 1; }
	$(COMPILE_OURS) --output-file requirements/runtime.lock
	$(COMPILE_OURS) --all-extras --constraint requirements/runtime.lock --output-file requirements/dev.lock
	$(COMPILE) --group oldest-synapse --output-file requirements/oldest-synapse.lock

clean:
	rm -rf .pictures build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)*' -prune -exec rm -rf {} +
