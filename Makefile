# The two commands are `make run` and `make test`; README says what they do and which variables they read.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PYTHONS := python3.14 python3.13 python3.12 python3.11 python3
CATALOGS := $(patsubst %.po,%.mo,$(wildcard tracker/locale/*/LC_MESSAGES/django.po))
PIP_INSTALL := $(PY) -m pip install --disable-pip-version-check --no-input --require-hashes
LOCK := $(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-config --upgrade

# A system upgrade can take away the Python that the environment was made with.
ifneq ($(wildcard $(VENV)/.made),)
ifneq ($(shell $(PY) -c 'print("works")' 2>&1),works)
$(shell rm -rf $(VENV))
endif
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test dev catalogs lock

help:
	@echo "make run    set everything up and serve the tracker on 127.0.0.1, port 8000 or PORT"
	@echo "make test   run all tests, those in a real browser last"
	@echo "make dev    install what make test, the linter and the type checker need"
	@echo "make lock   renew requirements.txt and requirements-dev.txt from pyproject.toml"

run: $(VENV)/.run catalogs
	@exec $(PY) manage.py serve

test: dev
	@$(PY) -m tests.programs
	$(PY) -m pytest -n auto --dist loadfile --ignore tests/browser
	$(PY) -m pytest -n auto --dist worksteal tests/browser

dev: $(VENV)/.dev catalogs

catalogs: $(CATALOGS)

lock: dev
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --disable-pip-version-check uv
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) --group dev pyproject.toml -o requirements-dev.txt

%.mo: %.po | $(VENV)/.made
	@test -e $(VENV)/.run || test -e $(VENV)/.dev || $(MAKE) --no-print-directory $(VENV)/.run
	@$(VENV)/bin/pybabel --quiet compile -i $< -o $@

$(VENV)/.run: requirements.txt | $(VENV)/.made
	@echo "Installing what the tracker needs; on a first start this takes a minute or two."
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/.made
	@echo "Installing what the tests need; on a first run this takes a minute or two."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(VENV)/.made:
	@for python in $(PYTHONS); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or newer is needed and none of $(PYTHONS) is one: install it first." >&2; exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$found cannot make a virtual environment; on Debian: apt-get install $${found##*/}-venv" >&2; exit 1; \
	fi; \
	if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		echo "Making a virtual environment in $(VENV) with $$($$found --version)."; \
		$$found -m venv --clear $(VENV) || exit 1; \
	fi; \
	touch $@
