# make match   set up and print the match list of the sample cohort
# make test    the whole check: format, lint, types, import contracts, tests, notebooks
# make bench   quality and speed figures, each beside its baseline
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := matcher models service
# A browser is installed beside the packages, and types are checked beside the tests.
MAKEFLAGS += --jobs 2

.PHONY: setup match browser test check tests soak format bench clean

setup: .venv/.ready

# Once for all that is wanted: pip looks at every package anew each time. Not compiled: most modules are never imported, and
# those that are get compiled then.
define install
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=…")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable '$(1)'
	$(BIN)/python -m compileall -q $(PACKAGES)
endef

.venv/.ready: pyproject.toml constraints.txt
	$(call install,.)
	@touch $@

.venv/.ready-to-test: pyproject.toml constraints.txt
	$(call install,.[dev])
	@touch .venv/.ready $@

match: setup
	@$(BIN)/matcher match examples/seoul --out out/seoul

# The console is tested in Chromium: installed where that can be done, told where it cannot.
browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome \
	|| (apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk) \
	|| echo "no Chromium here and none could be installed: the tests in a browser will be skipped"

test: check tests

check: .venv/.ready-to-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	$(BIN)/mypy

tests: .venv/.ready-to-test browser
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# Everything that takes long: kill -9 of server and worker 50 times, and twenty times as many made-up problems.
soak: .venv/.ready-to-test
	MATCHER_SOAK=50 $(BIN)/python -m pytest tests/service/test_faults.py tests/service/test_jobs.py tests/matcher

format: .venv/.ready-to-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/nbstripout notebooks/*.ipynb

bench: .venv/.ready-to-test
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/encode.py

clean:
	rm -rf .venv out
