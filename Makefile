# Everything a developer runs. Each target makes the environment that it needs, from nothing.
#   make PYTHON=python3.12 test     another interpreter (3.11 or later) for a new environment
#   make PYTEST="-k rows -n 0" test arguments for pytest

PYTHON ?= python3
VENV ?= .venv
PYTEST ?= -n auto
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e

# Numba's cache looks at the file of a compiled function, not at the files of the functions that it calls,
# so an edited callee would go on running in its old form. A folder named after the text of all kernels
# cannot be stale. (conftest.py does the same for a bare `pytest`.)
export NUMBA_CACHE_DIR ?= $(CURDIR)/.numba_cache/$(shell find src/rowspace/kernels -name '*.py' | LC_ALL=C sort | xargs cat | cksum | cut -d ' ' -f 1)

.DEFAULT_GOAL := help
.PHONY: help install demo test check format docs bench clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.dev ## make .venv with all that development needs

demo: $(VENV)/.demo ## train on your own Python's documentation and show every step
	@$(BIN)/rowspace demo

test: $(VENV)/.dev ## run every test and every example in the documentation
	@$(BIN)/python -m pytest -q $(PYTEST)

check: $(VENV)/.dev ## style, types, layers, and the documentation built with warnings as errors
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory docs

format: $(VENV)/.dev ## rewrite the sources in the house format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: $(VENV)/.dev ## build the documentation into docs/_build
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build
	@echo "documentation: docs/_build/index.html"

bench: $(VENV)/.bench ## compare with the peers; tables go to benchmarks/results
	@$(BIN)/python -m benchmarks

clean: ## remove everything that these targets made
	rm -rf .venv .venv-* .numba_cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf docs/_build rowspace-demo dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "rowspace needs Python 3.11 or later; name one: make PYTHON=python3.12"; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# One environment grows as it is needed: the demo's packages arrive in seconds, the tools when they are called for.
$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing rowspace and matplotlib into $(VENV)"
	@$(INSTALL) '.[viz]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing rowspace and the development tools into $(VENV)"
	@$(INSTALL) '.[dev]'
	@touch $@ $(VENV)/.demo

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing rowspace, the development tools and the peers into $(VENV)"
	@$(INSTALL) '.[bench]'
	@touch $@ $(VENV)/.dev $(VENV)/.demo
