# Everything a stranger does. Needs make and Python 3.10-3.12; the rest is installed into .venv,
# at the exact versions of requirements.lock.
#
#   make convert                      .tflite files, report.json and report.md in dist/
#   make task                         .task bundles for MediaPipe's own clients, in dist/
#   make test                         the test suite
#   make demo INPUT=picture-or-video  annotated picture or video, and landmarks as JSON lines
#   make bench-demo                   a benchmark report from a simulated phone (needs adb)
#   make apk                          the Android demo (needs JDK 17 and Maven)
#   make results LSP=folder           measure everything again, write README's tables
#   make lint                         ruff and mypy

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --quiet -c requirements.lock

.PHONY: help convert task test lint demo results bench-demo apk wheel lock clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

# One stamp per set of extras: installed again only when what is to be installed changes.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' \
	|| { echo "error: $(PYTHON) is not Python 3.10, 3.11 or 3.12; run: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "error: $(PYTHON) cannot make a venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }

$(VENV)/.train: pyproject.toml requirements.lock | $(BIN)/python
	@echo "installing what converting needs (TensorFlow; about 700 MB) into $(VENV)"
	@$(INSTALL) -e '.[train]'
	@touch $@

$(VENV)/.test: pyproject.toml requirements.lock | $(BIN)/python
	@echo "installing what the tests need (TensorFlow; about 700 MB) into $(VENV)"
	@$(INSTALL) -e '.[test]'
	@touch $@ $(VENV)/.train

convert: $(VENV)/.train
	$(BIN)/python tools/convert.py

# Bundles that MediaPipe's PoseLandmarker loads (Python, Android, iOS, web).
task: $(VENV)/.train
	$(BIN)/python tools/convert.py --layout mediapipe

# Two processes; tests that share what they built stay together (tests/conftest.py).
test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --durations=15

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Converted when somebody first needs them.
MODELS := dist/pose_landmark_full_float32.tflite
$(MODELS): | $(VENV)/.train
	$(BIN)/python tools/convert.py

demo: $(VENV)/.train | $(MODELS)
	@test -n "$(INPUT)" || { echo "error: nothing to look at; run: make demo INPUT=picture-or-video" >&2; exit 2; }
	$(BIN)/python tools/demo.py "$(INPUT)"

results: $(VENV)/.train
	@test -n "$(LSP)" || { echo "error: which pictures? run: make results LSP=folder of LSP Extended" >&2; exit 2; }
	$(BIN)/python tools/convert.py --model all
	$(BIN)/python tools/results.py --lsp "$(LSP)"

# Private: the prerequisites make .venv with the caller's PYTHON.
bench-demo: override private PYTHON := $(BIN)/python
bench-demo: $(VENV)/.train | $(MODELS)
include benchmarks/bench.mk

# The Android demo, signed, in dist/blazepose-demo.apk. Needs JDK 17 and Maven.
apk: $(VENV)/.train
	$(BIN)/python tools/build_apk.py

wheel: $(VENV)/.test
	$(BIN)/python -m build --wheel --outdir build/wheel

# Resolve requirements.lock anew after pyproject.toml changed (needs uv).
lock:
	uv lock && uv export --quiet --frozen --no-hashes --no-emit-project --all-extras --no-annotate --no-header \
	| sed -e "s/ ; sys_platform == 'linux'$$//" -e "s/ and sys_platform == 'linux'//" > requirements.lock
	rm uv.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
