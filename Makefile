# Every target makes .venv itself; a second call is quick.
VENV := .venv
PYTHON := $(firstword $(foreach p,python3.12 python3.11 python3,$(shell $(p) -c 'import sys; print("$(p)") if (3, 11) <= sys.version_info < (3, 13) else None' 2>/dev/null | grep -v None)))
READY := $(VENV)/.ready
BIN := $(abspath $(VENV))/bin

.PHONY: demo test check format clean

demo: $(READY)
	$(BIN)/drumsmith demo

test: $(READY)
	# One more than there are processors: many tests wait for a process or a server.
	$(BIN)/python -m pytest -q -n $$($(BIN)/python -c "import os; print(min(4, 1 + os.cpu_count()))") --dist worksteal

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	# mypy takes the package's name from its folder, which a clone may call anything.
	mkdir -p build && ln -sfn .. build/drumsmith && cd build && $(BIN)/mypy --config-file drumsmith/setup.cfg -p drumsmith
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(READY): setup.cfg pyproject.toml
	@test -n "$(PYTHON)" || { echo "drumsmith needs Python 3.11 or 3.12 on the PATH"; exit 1; }
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip "setuptools>=64"
	# Modules are compiled when they are first imported: TensorFlow has thousands that never are.
	$(BIN)/python -m pip install --quiet --no-compile --editable ".[dev]"
	touch $(READY)

clean:
	rm -rf $(VENV) build demo
