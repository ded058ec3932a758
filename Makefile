# serve: set up and open the web page.  native: build the engine for this processor.  test: set up and run the whole suite.
# check: format, lint, types, order of imports, the Dockerfile, and the audit where PyPI is reached.
# lock: write constraints.txt anew.  audit: known faults of the dependencies; needs PyPI itself.  soak: five minutes of mixed work and kills.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# The CPU build of torch that constraints.txt names: from where pip looks by itself, else from here.
TORCH_CPU ?= https://download.pytorch.org/whl/cpu
# Another index that is always looked at; see scripts/torch.txt.
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: serve native test quick check setup lock audit soak pictures film

serve: $(VENV)/.app
	$(BIN)/rag serve

setup: $(VENV)/.app

# The embedded model's engine built for this processor; see scripts/native.sh.
native: $(VENV)/.app
	sh scripts/native.sh $(BIN)/python

test: $(VENV)/.dev
	sh tests/browser.sh
	$(BIN)/python -m pytest -m "not llm" -n 2 --dist loadfile
	$(BIN)/python -m pytest -m llm

quick: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not slow and not llm and not browser"

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	PYTHON=$(BIN)/python sh scripts/lint_dockerfile.sh
	PYTHON=$(BIN)/python sh scripts/audit.sh --where-reachable

audit:
	PYTHON=$(PYTHON) sh scripts/audit.sh

soak: $(VENV)/.dev
	$(BIN)/python scripts/soak.py $(or $(MINUTES),5)

lock:
	PYTHON=$(PYTHON) TORCH_INDEX=$(TORCH_INDEX) sh scripts/lock.sh $(UPGRADE)

# The pictures of the README, from the page itself.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.ui.pictures

# A first-time user's way, timed, as one picture: film.png.
film: $(VENV)/.dev
	$(BIN)/python -m tests.ui.film film.png

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing torch (1 of 2). 正在安装 torch（1/2）…"
	@$(PIP) torch 2>/dev/null || $(PIP) --extra-index-url $(TORCH_CPU) torch
	@echo "Installing the program and the language model, 1.1 GB (2 of 2). 正在安装程序和语言模型，1.1 GB（2/2）…"
	@$(PIP) --editable ".[local]" 2>$(VENV)/pip.log || { cat $(VENV)/pip.log >&2; exit 1; }
	@touch $@

$(VENV)/.dev: $(VENV)/.app
	$(PIP) --editable ".[local,eval,dev]"
	touch $@
