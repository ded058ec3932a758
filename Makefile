# serve: set up and open the web page.  test: set up and run the whole suite.
# check: format, lint, types, order of imports.  lock: write constraints.txt anew.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# Where CPU builds of torch lie, if pip does not find them by itself; see scripts/torch.txt.
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: serve test quick check setup lock pictures

serve: $(VENV)/.app
	$(BIN)/rag serve

setup: $(VENV)/.app

test: $(VENV)/.dev
	sh tests/browser.sh
	$(BIN)/python -m pytest

quick: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not slow and not llm and not browser"

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:
	PYTHON=$(PYTHON) TORCH_INDEX=$(TORCH_INDEX) sh scripts/lock.sh $(UPGRADE)

# The pictures of the README, from the page itself.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.ui.pictures

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[local,eval]"
	touch $@

$(VENV)/.dev: $(VENV)/.app
	$(PIP) --editable ".[local,eval,dev]"
	touch $@
