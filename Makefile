# What people, hooks and CI run. Every target does its own set-up; a finished set-up is found again in no time.
.DEFAULT_GOAL := help
.PHONY: help run demo install-desktop test test-fast check format coverage profile docs-generated docs screenshots benchmark campaign clean
# Byte code makes the program start twice as fast; let nobody's shell switch it off here.
unexport PYTHONDONTWRITEBYTECODE
# Where a company's proxy signs the traffic, only the system's certificates know it.
export UV_SYSTEM_CERTS ?= true
bin := .venv/bin
ARGS ?=
# Most tests wait for processes: a few more of them than cores are done sooner. WORKERS=0 runs them one by one.
WORKERS ?= 3
# What the tests leave for a forge to show, and to see which files take long.
JUNIT ?= .cache/tests/junit.xml
# How long `make campaign` takes as a whole.
MINUTES ?= 90

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: ## Set up and open the window on the sample workspace; without a display, make the same journey in the terminal
	@packaging/setup.sh run
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		exec $(bin)/desktop-aml --sample; \
	else \
		echo "There is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so this is the journey without the window:"; \
		exec $(bin)/desktop-aml demo; \
	fi

demo: ## Set up and make the whole journey in the terminal: train, register, serve, score
	@packaging/setup.sh run
	@$(bin)/desktop-aml demo

install-desktop: ## Put the program into this user's desktop menu: entry, icon, what it opens; ARGS=--remove takes it out
	@packaging/setup.sh run
	@packaging/linux/install-desktop.sh $(ARGS)

test: ## Set up and pass every test; ARGS="-k words" chooses some
	@packaging/setup.sh test
	@QT_QPA_PLATFORM=offscreen $(bin)/python -m pytest -n $(WORKERS) --dist loadfile --junitxml $(JUNIT) $(ARGS)

test-fast: ## Set up and pass, in a minute, the tests that need no Docker, no display and no long file
	@packaging/setup.sh check
	@QT_QPA_PLATFORM=offscreen $(bin)/python -m pytest -q -n 2 --dist loadfile --fast $(ARGS)

check: ## Lint, format, types (also as of macOS and Windows), layers, dead code, dependencies
	@packaging/setup.sh check
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/mypy --platform darwin --cache-dir .mypy_cache/darwin
	$(bin)/mypy --platform win32 --cache-dir .mypy_cache/win32
	$(bin)/mypy --config-file packaging/mypy-inside.ini
	$(bin)/mypy --config-file packaging/mypy-inside.ini --platform win32 --cache-dir .mypy_cache/inside-win32
	$(bin)/lint-imports
	$(bin)/vulture
	$(bin)/deptry .

format: ## Put the code in shape
	@packaging/setup.sh check
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

coverage: ## Pass every test and measure which lines and branches they reach; fails below 100 % of domain, 90 % of the rest
	@packaging/setup.sh test
	@$(bin)/coverage erase
	@QT_QPA_PLATFORM=offscreen $(bin)/python -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report= $(ARGS)
	$(bin)/coverage report --skip-covered --include="desktop_aml/domain/*" --fail-under=100
	$(bin)/coverage report --skip-covered --omit="desktop_aml/domain/*,desktop_aml/inside_run/*,desktop_aml/inside_model/*" --fail-under=90

profile: ## Sample a command of the program into .cache/profile.svg; ARGS="run list" is the command
	@packaging/setup.sh check
	@mkdir -p .cache
	$(bin)/py-spy record --rate 500 --output .cache/profile.svg -- $(bin)/python -m desktop_aml $(ARGS)

docs-generated: ## Write again the pages of docs/, and the blank database, that come from the code
	@packaging/setup.sh check
	$(bin)/python docs/run_states_page.py
	$(bin)/python docs/curated_page.py
	$(bin)/python docs/commands_page.py
	$(bin)/python docs/settings_page.py
	$(bin)/python docs/window_page.py
	$(bin)/python docs/azureml_coverage_page.py
	$(bin)/python -m desktop_aml.store.schema.blank

docs: ## Build the documentation as a site, with search and the Python API, into .cache/site; every link must lead somewhere
	@packaging/setup.sh check
	@UV_PROJECT_ENVIRONMENT=.cache/docs $(bin)/uv sync --quiet --locked --only-group docs --no-install-project --python $(bin)/python
	@NO_MKDOCS_2_WARNING=1 .cache/docs/bin/mkdocs build --quiet
	@echo "The site is in .cache/site. With search: $(bin)/python -m http.server --bind 127.0.0.1 --directory .cache/site"

screenshots: ## Take a picture of every pane, light and dark, at four sizes, into .cache/screenshots; ARGS="words" chooses some
	@packaging/setup.sh test
	@$(bin)/python -m tests.screenshots .cache/screenshots $(ARGS)

benchmark: ## Measure start-up, overhead, ingest, serving; prints ratios, keeps them, says what became slower
	@packaging/setup.sh check
	@export QT_QPA_PLATFORM=offscreen DESKTOP_AML_BENCHMARK_HISTORY=benchmarks/history.jsonl; \
	for script in $(filter-out benchmarks/history.py,$(wildcard benchmarks/*.py)) benchmarks/beside_mlflow/stores.py; do echo "== $$script"; $(bin)/python "$$script" || exit 1; done; \
	$(bin)/python -m benchmarks.history

campaign: ## Try everything random and long, with a seed: kills, power cuts, poison, full disks, a soak; SEED=1 MINUTES=90 ONLY=kills
	@packaging/setup.sh test
	@$(bin)/python -m tests.campaign --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)")

clean: ## Remove what was built; workspaces and caches of the user stay
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov dist build
	find desktop_aml tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
