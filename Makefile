# Everything a newcomer needs: `make run` and `make test` set themselves up in .venv.
# With coverage, which takes longer: make test TEST_ARGS="--cov --cov-report=term:skip-covered"
PYTHON ?= python3
BIN := .venv/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
UV_VERSION := 0.13.9
LOCK := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q
TEST_ARGS ?=

.PHONY: install run test check conformance bench lock format clean

# What `rebuild` makes of a newer version, too.
install: .venv/.run

run: .venv/.run
	$(BIN)/digmbot run

test: .venv/.dev .node/.done
	$(BIN)/python -m pytest -n auto --dist worksteal $(TEST_ARGS)

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/basedpyright
	$(BIN)/python -m tests.gates

conformance: .venv/.dev .node/.done
	$(BIN)/python -m tests.conformance

bench: .venv/.dev
	$(BIN)/python -m bench

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.uv
	$(LOCK) pyproject.toml --extra build -o requirements.lock
	$(LOCK) pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv .node

.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "digmbot needs Python 3.11 or newer; try: make PYTHON=python3.12 " + "run")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.run: .venv/.uv requirements.lock pyproject.toml
	VIRTUAL_ENV=.venv $(UV) pip install -q --require-hashes -r requirements.lock
	VIRTUAL_ENV=.venv $(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	VIRTUAL_ENV=.venv $(UV) pip install -q --require-hashes -r requirements-dev.lock
	@touch $@

# MCP servers and tools by others, for the tests that speak to real ones; these are skipped where npm is not there.
.node/.done: tests/node/package.json
	@mkdir -p .node
	@if command -v npm >/dev/null; then \
		cp tests/node/package.json .node/package.json && \
		npm install --prefix .node --no-package-lock --no-audit --no-fund --loglevel=error && touch $@ || \
		echo "npm could not install them: tests against real Node servers will be skipped"; \
	else echo "npm is not installed: tests against real Node servers will be skipped"; fi
