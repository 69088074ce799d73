# `make test` sets up everything the tests need and runs them; a second call installs nothing again.
SHELL := /bin/bash
WORKERS ?= 2
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
BIN := .venv/bin
READY := .venv/.ready-for-tests

.PHONY: test lint types docs bench audit clean

test: lint types
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(READY)
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright

docs: $(READY)
	$(BIN)/python -m sphinx -q -W -b html docs build/site
	@echo "open build/site/index.html"

bench: $(READY)
	$(BIN)/python benchmarks/all.py

# Known vulnerabilities of what is installed; passes where no network is.
audit: $(READY)
	.ci/audit

clean:
	rm -rf .venv build dist .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

# Debian and Ubuntu ship Python without what venv needs; root can mend that, others are told how.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "virtu needs Python 3.11 or newer; on Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$package"; \
		else echo "this Python cannot make virtual environments: apt-get install $$package (or python3-venv)" >&2; exit 1; fi; }
	$(PYTHON) -m venv .venv
