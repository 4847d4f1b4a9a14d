# The two commands of the README are `make demo` and `make test`; `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
PIP_FLAGS := --quiet --no-input --disable-pip-version-check

# Tests and commands look for the training corpus in VOXLITE_CORPUS and say so where it is missing.
ifeq ($(origin VOXLITE_CORPUS), undefined)
ifneq ($(wildcard ../shared/corpus/manifest.csv),)
export VOXLITE_CORPUS := $(abspath ../shared/corpus)
endif
endif

# NumPy's last version for Python 3.10 describes its types too coarsely.
MYPY = if $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then $(BIN)/mypy; \
	else echo "types are not checked: that needs Python 3.11 or newer"; fi

# Two processes at most: each may hold TensorFlow. Tests of one file stay together, for what they share.
PARALLEL ?= -n $(shell $(PYTHON) -c "import os; print(min(2, os.cpu_count() or 1))") --dist loadfile

BASE := $(VENV)/.base
CLIENT := $(VENV)/.client
DEV := $(VENV)/.dev
BENCH := $(VENV)/.bench
WEB := $(VENV)/.web

.DEFAULT_GOAL := help
.PHONY: help docs docs-serve fuzz soak lower-bounds demo test test-arm test-arm32 test-web web web-build lint format types cov bench evaluate build clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile

demo: $(CLIENT) ## analyse a real recording, then enroll and recognise voices: a report, its score, two pictures
	@$(BIN)/voxlite analyze samples/call.flac
	@$(BIN)/voxlite score samples/call.truth.csv samples/call.flac --picture demo-report.png
	@echo "picture: $(CURDIR)/demo-report.png"
	@$(BIN)/voxlite demo speaker --picture demo-speaker.png

# The checks are lines of one recipe, so that the test runner's summary is the last thing said.
test: $(DEV) $(WEB) ## check style and types, run every test, those of the browser client too, with coverage
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(MYPY)
	@$(MAKE) --no-print-directory test-web
	@$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report=term:skip-covered --cov-fail-under=90

web: web-build ## build the browser client and serve it to this machine
	@$(BIN)/voxlite web

web-build: $(WEB) ## build the browser client into the package
	@$(BIN)/python -m voxlite vectors --out web/vectors --models web/public/models
	@sh scripts/npm.sh $(VENV) run --silent build

# Debian's Chromium is fetched with apt where there is none and apt may.
test-web: web-build ## hold the browser client to the Python client, in Node and in Chromium
	@sh scripts/chromium.sh
	@sh scripts/npm.sh $(VENV) run --silent check
	@sh scripts/npm.sh $(VENV) test --silent
	@VOXLITE_PYTHON=$(abspath $(BIN))/python sh scripts/npm.sh $(VENV) run --silent test:browser

# Debian only: fetches a Python for the processor with apt, wheels with pip, and runs them under qemu-user.
test-arm: $(DEV) ## run the client's tests on ARM64 under emulation and compare its scores with this machine's
	@$(BIN)/python scripts/arm_tests.py

test-arm32: $(DEV) ## run a bundle's test vectors on 32-bit ARM under emulation
	@$(BIN)/python scripts/arm32_vectors.py

fuzz: $(DEV) ## damage sounds, models, stores and lists by seed: only one clear line may come of it
	@$(BIN)/python -m reliability.fuzz

soak: $(DEV) ## a day of sound through one stream: memory, equal segments, a picture
	@$(BIN)/python -m reliability.soak

lower-bounds: $(DEV) ## the client's tests with the oldest versions that pyproject.toml allows
	@$(BIN)/python scripts/lower_bounds.py

docs: $(DEV) ## build the documentation site into build/site, warnings are errors
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "site: $(CURDIR)/build/site/index.html"

docs-serve: $(DEV) ## serve the documentation to this machine, made anew when a page changes
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs serve --dev-addr 127.0.0.1:8801 --watch src/voxlite --watch CHANGELOG.md

lint: $(DEV) ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV) ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV) ## check types
	@$(MYPY)

cov: $(DEV) ## run the tests and write coverage line by line to htmlcov/
	$(BIN)/python -m pytest --cov --cov-report=html

bench: $(BENCH) web-build ## speed, memory and quality beside peers; writes docs/numbers.md and the figures of README.md
	$(BIN)/python -m benchmarks.frontend
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.segments
	$(BIN)/python -m benchmarks.voice
	$(BIN)/python -m benchmarks.probes
	$(BIN)/python -m benchmarks.accelerations
	$(BIN)/python -m benchmarks.nets
	$(BIN)/python -m benchmarks.voiceprints
	$(BIN)/python -m benchmarks.speakers
	$(BIN)/python -m benchmarks.restricted
	$(BIN)/python -m benchmarks.diarization
	$(BIN)/python -m benchmarks.copies
	$(BIN)/python -m benchmarks.doubts
	$(BIN)/python -m benchmarks.moods
	$(BIN)/python -m benchmarks.traits
	$(BIN)/python -m benchmarks.detectors
	$(BIN)/python -m benchmarks.archive
	$(BIN)/python -m benchmarks.browser
	$(BIN)/voxlite evaluate gender --out benchmarks/results/gender-evaluation
	$(BIN)/voxlite evaluate voice --out benchmarks/results/evaluation
	$(BIN)/python scripts/arm_tests.py --record
	$(BIN)/python -m benchmarks.numbers

evaluate: $(DEV) ## measure the shipped models on the corpus's test split
	$(BIN)/voxlite evaluate voice
	$(BIN)/voxlite evaluate speaker

build: $(DEV) ## build the source archive and the wheel into dist/
	$(PIP) install $(PIP_FLAGS) build
	$(BIN)/python -m build

clean: ## remove the virtual environment and everything that was made
	rm -rf web/node_modules web/vectors web/public/models src/voxlite/browser/static
	rm -rf $(VENV) .cache/arm64 .cache/arm32 .cache/lower-bounds .cache/newest fuzz-findings build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis demo-report.png
	rm -f src/voxlite/frontend/_native.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installing again is only due when pyproject.toml or the compiled part changes: the package itself is installed in place.
NATIVE := hatch_build.py $(wildcard native/*.c native/*.h native/*.py)

$(BASE): scripts/make_venv.sh
	@sh scripts/make_venv.sh $(PYTHON) $(VENV)
	@$(PIP) install $(PIP_FLAGS) --upgrade "pip>=25.1"
	@touch $@

$(CLIENT): $(BASE) pyproject.toml $(NATIVE)
	@echo "installing voxlite into $(VENV)"
	@$(PIP) install $(PIP_FLAGS) --editable ".[plot]"
	@touch $@

$(DEV): $(BASE) pyproject.toml $(NATIVE)
	@echo "installing voxlite with everything its tests need into $(VENV): some minutes the first time"
	@$(PIP) install $(PIP_FLAGS) --editable ".[train,plot,media,parquet,diarize,html,archive,ray]" --group dev --group docs
	@touch $@ $(CLIENT)

# Node comes as a wheel: Debian's may be too old for the build.
$(WEB): $(CLIENT) web/package.json web/package-lock.json
	@echo "installing Node and the browser client's packages"
	@$(PIP) install $(PIP_FLAGS) --group web
	@sh scripts/npm.sh $(VENV) ci --loglevel=error --no-audit --no-fund
	@touch $@

# Silero VAD runs from the ONNX file in its package: without its dependencies, PyTorch stays out.
$(BENCH): $(DEV)
	@$(PIP) install $(PIP_FLAGS) --group bench
	@$(PIP) install $(PIP_FLAGS) --no-deps "silero-vad>=6.2"
	@touch $@
