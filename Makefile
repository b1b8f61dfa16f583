# One environment (.venv), made by tools/set_up.sh when something is missing in it, serves every command here.
#
#   make lab LAB_ARGS="--no-browser --port=8890"    passes arguments on to JupyterLab
#   make test-code TEST_ARGS="-k evolution"         and to pytest
#   make lectures NAMES=03_evolution                makes this lecture only
#   PYTHON=/path/to/python3.12 make lab             chooses the Python that .venv is made from

PYTHON_HERE := .venv/bin/python
LAB_ARGS :=
TEST_ARGS :=
NAMES :=
# What tests compare with was computed with vectors of this width (nas_edu/tools/same_digits.py says why).
SAME_DIGITS = ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_CBWR=AVX2
# Tests run two processes at a time, each on one thread: with more, torch's threads fight for the same cores. A file
# stays in one process: what its tests share is made once, and the cells of a notebook fail at random when scattered.
PYTEST_PARALLEL = OMP_NUM_THREADS=1 $(SAME_DIGITS) $(PYTHON_HERE) -m pytest -n 2 --dist loadfile
# In a container one is root, and Jupyter then wants to be told that this is meant. Its token still guards it.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help setup lab doctor test test-all test-style test-sources test-code test-notebooks test-browser test-repeat test-experiments lectures exercises experiments claims slides clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## the environment in .venv: nothing to do where it is up to date
	@sh tools/set_up.sh

lab: setup ## open JupyterLab on the first lecture
	@$(PYTHON_HERE) -m jupyterlab $(ALLOW_ROOT) --ServerApp.root_dir=. $(LAB_ARGS) lectures/00_start_here.ipynb

doctor: setup ## what is here, what is missing, and what each missing thing costs
	@$(PYTHON_HERE) -m nas_edu doctor

test: test-style test-sources test-code test-notebooks test-browser ## the test suite

test-all: test test-repeat test-experiments ## the same, and what is stored is computed again

test-style: setup ## ruff: lint and format; mypy: type hints of the package
	$(PYTHON_HERE) -m ruff check .
	$(PYTHON_HERE) -m ruff format --check .
	$(PYTHON_HERE) -m mypy nas_edu

test-sources: setup ## that notebooks, their text sources, claims.yaml and the code belong together
	$(PYTHON_HERE) -m tools.authoring lectures --check
	$(PYTHON_HERE) -m tools.authoring exercises --check
	$(PYTHON_HERE) -m tools.authoring claims --check

test-code: setup ## unit and property tests
	$(PYTEST_PARALLEL) -m "not browser" $(TEST_ARGS)

test-notebooks: setup ## run every lecture and every solution from top to bottom
	@notebooks=$$(ls lectures/*.ipynb solutions/*.ipynb 2>/dev/null); \
	if [ -z "$$notebooks" ]; then echo "no notebooks to run yet"; exit 0; fi; set -x; \
	NAS_EDU_HEADLESS=1 $(PYTEST_PARALLEL) --nbval-lax --nbval-cell-timeout=60 $$notebooks

test-browser: setup ## a real JupyterLab in a headless Chromium, buttons pressed
	@if [ ! -d tests/browser ]; then echo "no browser tests yet"; exit 0; fi; set -x; \
	$(PYTHON_HERE) -m pytest -m browser tests/browser $(TEST_ARGS)

test-repeat: setup ## execute lectures and solutions twice: no output may differ
	$(PYTHON_HERE) -m tools.authoring lectures --repeat $(NAMES)
	$(PYTHON_HERE) -m tools.authoring exercises --repeat $(NAMES)

test-experiments: setup ## compute the cheapest run of each stored experiment again
	$(PYTHON_HERE) -m tools.authoring experiments --check $(NAMES)

lectures: setup ## execute lectures/src and write lectures/*.ipynb
	$(PYTHON_HERE) -m tools.authoring lectures $(NAMES)

exercises: setup ## make exercises/ and solutions/ from solutions/src
	$(PYTHON_HERE) -m tools.authoring exercises $(NAMES)

experiments: setup ## compute what lectures ask for and nobody has stored; NAMES=... anew; CHECK=1 compares
	$(PYTHON_HERE) -m tools.authoring experiments $(if $(CHECK),--check) $(NAMES)

claims: setup ## what the lecture claims, and what was measured here
	@$(PYTHON_HERE) -m tools.authoring claims $(NAMES)

slides: setup ## each lecture as a deck for a browser, in build/slides
	@$(PYTHON_HERE) -m tools.authoring slides $(NAMES)

clean: ## remove what tests and builds left behind
	rm -rf build dist test-artifacts .pytest_cache .hypothesis .ruff_cache .mypy_cache nas_edu.egg-info
	find . -path ./.venv -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +

distclean: clean ## the same, and the environment too: the next command makes it anew
	rm -rf .venv
