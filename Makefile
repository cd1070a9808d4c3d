# Everything is set up in .venv; nothing but Python 3.11 or newer and make is needed.
#   make run      the main job: ResNet-18, dense against binary against signed-binary, on SIGMA
#   make test     the tests (those that need torch run where .venv has it): two and a half minutes
#   make test-outside  those that leave their process: commands, programs, kills, browser, pages
#   make mutants  how many of 300 small faults in engines and energies the tests find: 40 minutes
#   make fuzz     inputs that nobody should write, thrown at every command: an hour
#   make check    what the example study expects of a sweep over sparsity, as CI does on every push
#   make lint     style, types, and who imports whom
#   make site     the pages of docs/ with all notebooks run, in build/site
#   make clean    remove what the above made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARCH ?= sigma
MODEL ?= resnet18.npz
CODE := hwsim tests benchmarks docs/drawings docs/site examples notebooks .ci
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test test-outside mutants fuzz check lint site clean

run: $(VENV)/hwsim.installed $(MODEL)
	$(BIN)/hwsim run --arch $(ARCH) --model $(MODEL) $(RUN_ARGS)

test: $(VENV)/dev.installed
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not outside' $(PYTEST_ARGS)

# Processes of their own are what these look at, and what they wait for.
test-outside: $(VENV)/dev.installed
	$(BIN)/python -m pytest -n auto --dist worksteal -m outside $(PYTEST_ARGS)

# A run that was ended goes on where it was. MUTANTS_ARGS: --seed 1, --sample 50, folders.
mutants: $(VENV)/dev.installed
	$(BIN)/python -m tests.mutation $(MUTANTS_ARGS)

# Inputs with findings are kept in .fuzz; a run that was ended goes on where it was. FUZZ_ARGS: --inputs 500, --format npz, --seed 1, --jobs 8.
fuzz: $(VENV)/dev.installed
	$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

check: $(VENV)/hwsim.installed
	@mkdir -p .hwsim
	$(BIN)/hwsim check examples/studies/digits.yaml \
	  --against examples/studies/digits.baseline.json --store .hwsim/check.db $(CHECK_ARGS)

lint: $(VENV)/dev.installed
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

site: $(VENV)/dev.installed
	$(PIP) --editable '.[docs,notebook]'
	$(BIN)/mkdocs build --strict

# Weights of the real shapes, drawn at random; the README says how to export trained ones.
resnet18.npz: | $(VENV)/hwsim.installed
	$(BIN)/hwsim network make resnet18 -o $@ --distribution laplace --seed 0

$(VENV)/hwsim.installed: pyproject.toml | $(BIN)/python
	@echo 'installing hwsim into $(VENV), once'
	@$(PIP) --editable .
	@touch $@

$(VENV)/dev.installed: pyproject.toml | $(BIN)/python
	@echo 'installing hwsim and what its tests need into $(VENV), once'
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/hwsim.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'hwsim needs Python 3.11 or newer; name one with: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo 'the venv module is missing (Debian: apt install python3-venv)' >&2; exit 1; }

clean:
	rm -rf $(VENV) .hwsim dist build .mutants .pytest_cache .fuzz .mypy_cache .ruff_cache .hypothesis .coverage
