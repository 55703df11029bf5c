# `make help` lists what there is.  Everything is installed into .venv, nothing outside it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
WORKERS ?= 2
# Half of a browser test is waiting for frames: three at a time keep two cores busy.
BROWSERS ?= 3
SITE   := _build/html
SOURCES := $(shell find book notebooks convlib tests/benchmarks -type f -not -path '*/__pycache__/*' -not -path '*/.ipynb_checkpoints/*' | sed 's/ /?/g') _config.yml _toc.yml
# Not empty where the environment was made in another folder, or for a Python that is gone: it is then made anew.
STALE  := $(shell test ! -e $(VENV)/installed || $(BIN)/python book/_tools/install.py --usable $(VENV) 2>/dev/null || echo stale)

export PYDEVD_DISABLE_FILE_VALIDATION := 1
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help book serve lab outputs experiments constraints test lint unit nbval compare site browser binder-check figures bench bench-frames fresh bare clean stale

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

$(VENV)/installed: requirements.txt constraints.txt pyproject.toml $(STALE)
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make book PYTHON=python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "This needs Python 3.11 or newer, but $(PYTHON) is %d.%d. Name another: make book PYTHON=python3.12" % sys.version_info[:2])'
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@"$(PYTHON)" book/_tools/install.py $(VENV)

$(SITE)/built: $(VENV)/installed $(SOURCES)
	@$(BIN)/python book/_tools/build.py
	@touch $@

book: $(SITE)/built  ## Install everything, run the notebooks, build the site
	@echo "Built. Open $(CURDIR)/$(SITE)/index.html in a browser, or run: make serve"

serve: book  ## Serve the site on localhost (PORT=8000)
	@$(BIN)/python book/_tools/serve.py $(SITE) $(PORT)

lab: $(VENV)/installed  ## Open the notebooks in JupyterLab
	$(BIN)/python -m jupyterlab $(if $(filter 0,$(shell id -u)),--allow-root) --notebook-dir=notebooks notebooks/01_convolution_integral.ipynb

outputs: $(VENV)/installed  ## Run the notebooks and store their text outputs
	$(BIN)/python book/_tools/notebooks.py refresh

experiments: $(VENV)/installed  ## Run the long experiments anew; the notebooks draw what they store
	$(BIN)/python -m convlib.experiments

# Needs an environment, but not one that is up to date: the old constraints may contradict the new requirements.
constraints: | $(VENV)  ## Resolve requirements.txt into constraints.txt (UPGRADE=1: the newest of everything else)
	$(BIN)/python book/_tools/constraints.py $(if $(UPGRADE),--upgrade)

$(VENV):
	@$(MAKE) --no-print-directory $(VENV)/installed

lint: $(VENV)/installed  ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python book/_tools/notebooks.py check

unit: browser  ## Unit tests, doctests, and the widgets' mathematics in JavaScript
	$(BIN)/python -m pytest -q -n $(WORKERS) --doctest-modules convlib tests/unit tests/js tests/notebooks

NBVAL := $(BIN)/python -m pytest -q -p tests.notebooks.nbval_plugin --nbval --nbval-sanitize-with tests/notebooks/sanitize.cfg

nbval: $(VENV)/installed  ## Run every notebook and compare its outputs with the stored ones
	$(NBVAL) notebooks

compare: book  ## The same with the runs that the build has made: nothing runs twice
	$(NBVAL) --nbval-built _build/.jupyter_cache notebooks

# Before anything is tested: one sentence where there is none, and no two workers that install one.
browser: $(VENV)/installed  ## Find a browser for the tests, or install one
	@$(BIN)/python tests/site/browser.py

site: book browser  ## Test the built site and JupyterLab in a real browser (LATE=150: with late frames, to find what does not wait)
	$(BIN)/python -m pytest -q -n $(BROWSERS) --dist loadgroup $(if $(LATE),--frames-late $(LATE)) tests/site

test: browser lint unit  ## Everything: lint, unit tests, a cold build, nbval on its runs, the site in a browser (WARM=1 keeps runs)
	rm -rf $(if $(WARM),_build/html _build/.doctrees,_build)
	@$(MAKE) --no-print-directory book compare site

binder-check:  ## Follow Binder's steps in a clean virtual environment
	"$(PYTHON)" binder/check.py

figures: book  ## Measure times, sizes and frame times, beside the stock widget loader
	$(BIN)/python tests/benchmarks/measure.py

bench: $(VENV)/installed  ## Time convolve(method="auto") and layers.Conv2d beside NumPy, SciPy and PyTorch (SAVE=1 stores the times)
	$(BIN)/python -m tests.benchmarks.convolution $(if $(SAVE),--save)
	$(BIN)/python -m tests.benchmarks.crossover $(if $(SAVE),--save)
	$(BIN)/python -m tests.benchmarks.plane $(if $(SAVE),--save)
	$(BIN)/python -m tests.benchmarks.layers $(if $(SAVE),--save)

bench-frames: $(VENV)/installed  ## Time the frames of every widget while it is dragged, and `import convlib`
	$(BIN)/python -m tests.benchmarks.frames

fresh: $(VENV)/installed  ## Measure time and size from a fresh clone of the last commit
	$(BIN)/python book/_tools/fresh.py

bare:  ## Build and test in a minimal Debian 12, as root (BARE_TEST="…" names the tests; default: all)
	bash book/_tools/bare.sh

clean:  ## Remove what was built and installed
	rm -rf _build $(VENV) *.egg-info .pytest_cache .ruff_cache .hypothesis
