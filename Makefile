# Every target does its own set-up. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 5000
SANDBOX_PORT ?= 8024
REPORT ?= artifacts/conformance.md
BIN := .venv/bin
PARALLEL := -n auto --dist worksteal
# Of each folder of tests over HTTP one file: what its room does most.
FAST := tests/unit tests/contract \
	tests/web/board/test_live.py tests/web/booking/test_make.py tests/web/bulk/test_removal.py \
	tests/web/cards/test_customer.py \
	tests/web/http/test_headers.py \
	tests/web/installation/test_lifecycle.py tests/web/oauth/test_launch.py \
	tests/web/picker/test_search.py tests/web/record/test_save.py \
	tests/sandbox/booking/test_bookings.py \
	tests/sandbox/core/test_faults.py tests/sandbox/host/test_control.py \
	tests/sandbox/portal/test_events.py tests/sandbox/rest/test_client_set_checks.py
DEPTRY := .venv/bin/deptry
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	--generate-hashes --custom-compile-command 'make lock'
PIP_INSTALL := .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r
WITH_NODE := PATH="$(CURDIR)/.venv/bin:$$PATH"
# Each worker would compile all test modules anew, which takes longer than a hundred tests. In a new
# clone they are compiled before, in two processes: the workers would all begin with the same one.
unexport PYTHONDONTWRITEBYTECODE
COLLECT := $(BIN)/pytest --collect-only -qq
COMPILE_TESTS = $(if $(wildcard tests/__pycache__),,\
	$(COLLECT) tests/browser tests/unit > /dev/null & $(COLLECT) tests/[!bu]*/ > /dev/null; wait)
MO := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | column -t -s '|'

.PHONY: run
run: build instance/run.env ## the app in a simulated portal (the sandbox)
	@set -a && . instance/run.env && set +a && \
	$(BIN)/python -m sandbox --port $(SANDBOX_PORT) --app-url http://127.0.0.1:$(PORT) \
		-- $(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --log-level warning 'app:create_app()'

.PHONY: build
build: .venv/.run static/vendor/.done $(MO) ## all that production needs: packages, browser scripts, translations

.PHONY: test
test: .venv/.dev static/vendor/.done $(MO) browser ## the whole suite
	@$(COMPILE_TESTS)
	$(BIN)/pytest $(PARALLEL)

.PHONY: test-fast
test-fast: .venv/.dev static/vendor/.done $(MO) ## what runs while you type: all units, and each room once over HTTP
	$(BIN)/pytest $(PARALLEL) -m "not browser and not postgresql and not thorough" $(FAST)

# Both addresses hold or may hold a secret: they reach pytest through the environment, unprinted.
.PHONY: conformance
conformance: $(if $(WEBHOOK),.venv/.dev) ## check a real portal against the sandbox: WEBHOOK=https://… [PORTAL=] [APP_TOKEN=] [REPORT=] [BOOK=1]
	@test -n "$$WEBHOOK" || { echo "Which portal? make conformance WEBHOOK=https://…/rest/1/…/ \
	(an inbound webhook with the scopes booking and crm, best of a test portal)"; exit 2; }
	@mkdir -p $(dir $(REPORT))
	@$(BIN)/pytest sandbox/conformance -q -p no:cacheprovider --report $(REPORT) \
		--webhook "$$WEBHOOK" $${PORTAL:+--portal "$$PORTAL"} $${APP_TOKEN:+--token "$$APP_TOKEN"} \
		$${BOOK:+--book}

.PHONY: bench
bench: .venv/.dev static/vendor/.done $(MO) browser ## our client beside others, and the figures into docs/performance.md
	$(BIN)/python -m benchmarks

.PHONY: load
load: .venv/.dev static/vendor/.done $(MO) ## what slow portals cost others, and the figures into docs/reliability.md
	$(BIN)/python -m benchmarks.load

.PHONY: chaos
chaos: .venv/.dev static/vendor/.done $(MO) ## truth under faults: RUNS=10000 seeds, and killed workers; SEED=1 replays one
	$(BIN)/python -m chaos

.PHONY: market-check
market-check: .venv/.dev static/vendor/.done $(MO) browser ## what moderators of the Bitrix24 Market look at, on the sandbox
	@$(BIN)/python -m checks.market

.PHONY: try
try: $(if $(PORTAL),.venv/.run) ## what to fill into the form of your own portal: PORTAL=https://… [APP_URL=https://…]
	@test -n "$$PORTAL" || { echo "Which portal? make try PORTAL=https://example.bitrix24.com"; exit 2; }
	@$(BIN)/python -m checks.own_portal

.PHONY: lint
lint: .venv/.dev node_modules/.dev ## ruff, biome, and what imports what
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(DEPTRY) .
	$(DEPTRY) sandbox -rf sandbox/requirements.txt -ee node_modules -i DEP002
	$(DEPTRY) . -rf requirements-dev.txt -e .venv -ee node_modules -i DEP002
	$(WITH_NODE) node_modules/.bin/biome lint --error-on-warnings

.PHONY: types
types: .venv/.dev node_modules/.dev ## mypy --strict for Python, TypeScript's checkJs for script
	$(BIN)/mypy .
	$(WITH_NODE) node_modules/.bin/tsc

# After a version in requirements*.txt has changed, and now and then for what those packages bring along.
# The smaller lock keeps to the versions of the larger one.
.PHONY: lock
lock: .venv/bin/uv ## both locks anew, with the newest of what our packages need
	@: > requirements.lock && : > requirements-run.lock
	$(COMPILE) --output-file requirements.lock requirements-dev.txt sandbox/requirements.txt
	$(COMPILE) --output-file requirements-run.lock --constraint requirements.lock requirements-run.txt

.PHONY: screenshots
screenshots: .venv/.dev static/vendor/.done $(MO) browser ## the pictures in the documents, taken by the browser tests, and those of the Market
	SCREENSHOTS=1 $(BIN)/pytest $(PARALLEL) tests/browser
	@for picture in docs/images/*.png; do cp artifacts/$$(basename $$picture) $$picture; done
	$(BIN)/python -m checks.market.pictures

.PHONY: schema
schema: .venv/.run ## install.schema.json anew, from the types in installation/manifest.py
	$(BIN)/python -m installation.manifest

.PHONY: translations
translations: .venv/.run ## new and changed texts into the catalogs, to be translated there
	@mkdir -p instance
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --add-location file --sort-by-file \
		--output-file instance/messages.pot web templates
	$(BIN)/pybabel --quiet update --input-file instance/messages.pot --output-dir translations \
		--width 100 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

# For root on Debian its own browsers (with letters for every name), else the Chromium that is here,
# else Playwright's. Tests of a browser that is missing are skipped.
.PHONY: browser
browser: .venv/.dev
	@missing=; for program in chromium chromium-headless-shell firefox-esr WebKitWebDriver Xvfb; do \
		command -v $$program >/dev/null || missing=1; \
	done; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive && apt-get update -qq && \
		apt-get install -y -qq chromium chromium-headless-shell fonts-wqy-microhei fonts-noto-color-emoji && \
		apt-get install -y -qq --no-install-recommends firefox-esr webkit2gtk-driver xvfb; \
	elif command -v chromium >/dev/null || command -v google-chrome >/dev/null; then :; \
	else $(BIN)/playwright install chromium; fi

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/bin/uv: | .venv/bin/python
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock | $(PIP_INSTALL) /dev/stdin

.venv/.run: requirements-run.lock | .venv/bin/python
	$(PIP_INSTALL) requirements-run.lock
	@touch $@

.venv/.dev: requirements.lock requirements-run.lock | .venv/bin/python
	$(PIP_INSTALL) requirements.lock
	@touch $@ .venv/.run

# The node that a Python wheel carries is enough; nothing else of the machine is needed.
static/vendor/.done: package.json package-lock.json | .venv/.run
	$(WITH_NODE) npm ci --silent --omit=dev
	@mkdir -p static/vendor
	cp node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js static/vendor/b24jssdk.js
	cp node_modules/@github/combobox-nav/dist/index.js static/vendor/combobox-nav.js
	cp node_modules/@github/combobox-nav/dist/index.d.ts static/vendor/combobox-nav.d.ts
	@touch $@

# The checks of the script. `npm ci` empties node_modules, and this stamp with it.
node_modules/.dev: static/vendor/.done
	$(WITH_NODE) npm ci --silent
	@touch $@

%.mo: %.po | .venv/.run
	$(BIN)/pybabel compile --input-file $< --output-file $@

instance/run.env:
	@mkdir -p instance
	@umask 077 && $(PYTHON) -c "import base64, os; key = lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(); \
	print(f'SECRET_KEY={key()}\nTOKEN_KEYS={key()}')" > $@
