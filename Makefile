# `make help` lists what there is.  Everything is installed into .venv, nothing outside it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
TORCH  := $(shell sed -n 's/^\(torch==[^ ]*\).*/\1/p' requirements.txt)
SITE   := _build/html
SOURCES := $(shell find book notebooks convlib tests/benchmarks -type f -not -path '*/__pycache__/*' -not -path '*/.ipynb_checkpoints/*') _config.yml _toc.yml
PIP    := $(BIN)/python -m pip --disable-pip-version-check

export PYDEVD_DISABLE_FILE_VALIDATION := 1

.DEFAULT_GOAL := help
.PHONY: help book serve lab outputs constraints test lint unit nbval site binder-check figures bench fresh clean

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

$(VENV)/installed: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This needs Python 3.11 or newer, but $(PYTHON) is %d.%d. Name another: make book PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# The CPU build of torch (200 MB, not several GB): from PyTorch's own index, asked for this one package only, for pip
	@# asks every index for every package.  Where it cannot be reached, the plain name, with whatever that depends on.
	@$(PIP) install --quiet --no-deps --retries 0 --timeout 15 --index-url https://download.pytorch.org/whl/cpu $(TORCH) 2>/dev/null \
	  || $(PIP) install --quiet $(TORCH) -c constraints.txt \
	  || { echo "Could not install $(TORCH). Is there a network? Packages come from PyPI."; exit 1; }
	@$(PIP) install --quiet -r requirements.txt -c constraints.txt \
	  || { echo "Could not install the packages. Is there a network? Packages come from PyPI."; exit 1; }
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(SITE)/built: $(VENV)/installed $(SOURCES)
	@$(BIN)/python book/_tools/build.py
	@touch $@

book: $(SITE)/built  ## Install everything, run the notebooks, build the site
	@echo "Built. Open $(CURDIR)/$(SITE)/index.html in a browser, or run: make serve"

serve: book  ## Serve the site on localhost (PORT=8000)
	@$(BIN)/python book/_tools/serve.py $(SITE) $(PORT)

lab: $(VENV)/installed  ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=notebooks notebooks/01_convolution_integral.ipynb

outputs: $(VENV)/installed  ## Run the notebooks and store their text outputs
	$(BIN)/python book/_tools/notebooks.py refresh

constraints: $(VENV)/installed  ## Resolve requirements.txt into constraints.txt
	$(BIN)/python book/_tools/constraints.py

lint: $(VENV)/installed  ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python book/_tools/notebooks.py check

unit: $(VENV)/installed  ## Unit tests and doctests
	$(BIN)/python -m pytest -q --doctest-modules convlib tests/unit tests/js

nbval: $(VENV)/installed  ## Run every notebook and compare its outputs with the stored ones
	$(BIN)/python -m pytest -q -p tests.notebooks.nbval_plugin --nbval --nbval-sanitize-with tests/notebooks/sanitize.cfg notebooks

site: book  ## Test the built site and JupyterLab in a real browser
	$(BIN)/python -m pytest -q tests/site

test: lint unit nbval  ## Everything: lint, unit tests, notebooks, a cold build, the site in a browser
	rm -rf _build
	@$(MAKE) --no-print-directory book site

binder-check:  ## Follow Binder's steps in a clean virtual environment
	$(PYTHON) binder/check.py

figures: book  ## Measure times, sizes and frame times, beside the stock widget loader
	$(BIN)/python tests/benchmarks/measure.py

bench: $(VENV)/installed  ## Time convolve(method="auto") beside NumPy and SciPy (SAVE=1 stores what the book shows)
	$(BIN)/python -m tests.benchmarks.convolution $(if $(SAVE),--save)

fresh: $(VENV)/installed  ## Measure time and size from a fresh clone of the last commit
	$(BIN)/python book/_tools/fresh.py

clean:  ## Remove what was built and installed
	rm -rf _build $(VENV) *.egg-info .pytest_cache .ruff_cache .hypothesis
