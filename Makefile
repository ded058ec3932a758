# serve: set up and open the web page.  test: set up and run the whole suite.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: serve test check setup

serve: $(VENV)/.app
	$(BIN)/rag serve

setup: $(VENV)/.app

test: $(VENV)/.dev
	sh tests/browser.sh
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[local,eval]"
	touch $@

$(VENV)/.dev: $(VENV)/.app
	$(PIP) --editable ".[local,eval,dev]"
	touch $@
