# `make demo` and `make test` start from a fresh clone with python3 and make alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# What the compiled engine is made of: when one of these changes, it is built again.
ENGINE := pyproject.toml setup.py \
          $(wildcard autograd_tiny/*/*.pyx autograd_tiny/*/*.pxi autograd_tiny/*/*/*.pyx autograd_tiny/*/*/*.pxi \
          autograd_tiny/*/*/*.h autograd_tiny/table/*.py autograd_tiny/table/*/*.py)

.PHONY: build demo test test-long lint docs bench generate clean

build: $(READY)

demo: $(READY)
	$(BIN)/autograd-tiny demo --out out

# Asking for the compiled engine by name makes the run fail where it could not be built. Bytecode is kept, whatever the
# environment says: four workers and each process that a test starts would compile all modules anew. There is a core for
# each worker, and none for the threads of a BLAS.
test test-long: export PYTHONDONTWRITEBYTECODE :=
test test-long: export OMP_NUM_THREADS := 1
TEST := $(BIN)/python -m pytest -n 2 --dist worksteal

test: $(READY)
	AUTOGRAD_TINY_ENGINE=python $(TEST)
	AUTOGRAD_TINY_ENGINE=compiled $(TEST)

test-long: $(READY)
	AUTOGRAD_TINY_ENGINE=python $(TEST) --long
	AUTOGRAD_TINY_ENGINE=compiled $(TEST) --long

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m benchmarks

# The site is read from the file system; nothing in it is loaded from elsewhere.
docs: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	AUTOGRAD_TINY_DOCS_PYTHON=1 NO_MKDOCS_2_WARNING=1 $(BIN)/python -W error -m mkdocs build --quiet
	@echo "open site/index.html"

generate: $(READY)
	$(BIN)/python tools/generate.py

$(READY): $(ENGINE)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) out build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find autograd_tiny -name '*.so' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
