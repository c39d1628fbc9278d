# make demo    trace the example case and leave its documents in demo/
# make test    lint, types, every member on its own, then the rest of the suite
# make lint    ruff and mypy only
# make slow    the tests that take longer than ten seconds each: kills, edits, compiled against plain, upgrades cut off
# make attack  what an attacker would do with folders, servers, keys, clocks and disks, all of it
# make identity every form of every address of every chain through a whole case
# make verifiers both verifiers over 1,000 random cases and 10,000 mutations of one, and figures of 200 coin ledgers
#              by address against the simulator (CASES=N, MUTATIONS=N, SEED=N, LEDGERS=N)
# make fuzz    every source with inputs that are nearly right, two hours (MINUTES=N for another time)
# make edits   a thousand random edits of a case, partial run against full run, and runs killed on the way (EDITS=N)
# make bench   the figures of benchmarks/
# make validators every format of colleagues of the shipped cases, before its own tools (an environment of their own)
# make nodes   the real servers that some tests run against, into .tools/
# make lock    resolve requirements.lock again
# make clean   delete what the targets above made
#
# Each target sets up what it needs: Python 3.11 or newer, make and a package registry are enough.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
LOCK    := requirements.lock
MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard chains/*/pyproject.toml plugins/*/pyproject.toml))
SOURCES := src $(addsuffix /src,$(MEMBERS))
CHECKED := $(wildcard $(SOURCES) $(addsuffix /tests,$(MEMBERS)) tests benchmarks)

empty :=
space := $(empty) $(empty)

# Only real files count as done: a half-made environment has no stamp.
.PHONY: setup demo test lint types members suite slow attack identity verifiers fuzz edits bench nodes validators lock clean
.DEFAULT_GOAL := demo

setup: $(READY)

$(READY): $(LOCK) pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "recover needs Python 3.11 or newer; name one with: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "Setting up $(VENV) (the first time only)"
	@$(BIN)/python -c '' 2>/dev/null || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@PYTHON=$(BIN)/python LOCK=$(LOCK) sh tests/install.sh $(MEMBERS)
	@touch $@

demo: $(READY)
	@$(BIN)/recover demo --out demo || { code=$$?; [ $$code -eq 5 ] || exit $$code; \
	  echo "Done, with gaps (exit code 5): the report lists each thing that could not be examined, and why."; }

# The suite runs last, so that its summary is the last thing read.
test: suite

suite: members
	@$(BIN)/python -m pytest -n 3 --dist loadgroup -m "not slow" --members ran

# What the suite has no time for, in full.
slow: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

members: lint
	@$(BIN)/python tests/isolated.py $(MEMBERS) tests/toy tests/toys/accounts tests/toys/memos

lint: types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@MYPYPATH=$(subst $(space),:,$(SOURCES) tests/toy/src tests/toys/accounts/src tests/toys/memos/src) $(BIN)/mypy $(CHECKED)

attack: $(READY)
	@RECOVER_ATTACKS=all RECOVER_KILLS=50 $(BIN)/python -m pytest -n 2 tests/attack tests/laws/test_kill.py tests/laws/test_kill_now.py tests/laws/test_rebuild.py -q

identity: $(READY)
	@RECOVER_IDENTITY=all $(BIN)/python -m pytest tests/laws/test_identity.py tests/laws/test_chains_apart.py -q -n 2

verifiers: $(READY)
	@RECOVER_VERIFIED_CASES=$(or $(CASES),1000) RECOVER_MUTATIONS=$(or $(MUTATIONS),10000) RECOVER_SEED=$(or $(SEED),20261129) \
	  RECOVER_COIN_LEDGERS=$(or $(LEDGERS),200) \
	  $(BIN)/python -m pytest tests/laws/test_verifiers.py tests/laws/test_coins_by_address.py -q -n 2

# Each source has its turn in a process of its own; what is found is kept in .fuzz/ and reported at the end.
fuzz: $(READY)
	@$(BIN)/python tests/fuzz/run.py --minutes $(or $(MINUTES),120)

edits: $(READY)
	@RECOVER_EDITS=$(or $(EDITS),1000) RECOVER_EDIT_KILLS=30 RECOVER_JOINS=200 $(BIN)/python -m pytest tests/laws/test_edits.py tests/laws/test_extended.py -q -n0

bench: $(READY)
	@for each in benchmarks/*.py; do $(BIN)/python $$each || exit 1; done

# Heavy, and no part of the suite: their answers stand in docs/design/formats.md.
validators: $(READY)
	@.venv-validators/bin/python -c '' 2>/dev/null || $(PYTHON) -m venv .venv-validators
	@.venv-validators/bin/python -m pip install --quiet --disable-pip-version-check -r tests/validators/requirements.txt
	@.venv-validators/bin/python tests/validators/run.py $(BIN)/python

# A bitcoind, an ElectrumX, an EVM node: tests that need one are skipped, loudly, where it is not.
nodes:
	@for each in tools/*.sh; do PYTHON=$(PYTHON) bash $$each || exit 1; done

# One lock for every Python from 3.11 up; it names versions and digests, never a registry or a path.
lock: $(READY)
	@cp $(LOCK) $(VENV)/lock.new 2>/dev/null || true
	@printf 'hatchling>=1.27\neditables\nuv\n' > $(VENV)/build.in
	@$(BIN)/uv pip compile --quiet --python $(BIN)/python --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --all-extras --group dev $(UPGRADE) \
	  $$($(BIN)/python -c 'import sys, tomllib; [print("--no-emit-package", tomllib.load(open(f"{m}/pyproject.toml", "rb"))["project"]["name"]) for m in sys.argv[1:]]' . $(MEMBERS)) \
	  -o $(VENV)/lock.new pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS)) $(VENV)/build.in
	@cmp -s $(VENV)/lock.new $(LOCK) || cp $(VENV)/lock.new $(LOCK)

clean:
	rm -rf $(VENV) .venv-members .venv-validators .fuzz demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
