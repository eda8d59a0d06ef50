# Every target is a command of bootstrap.py, which also runs where make is missing: python3 bootstrap.py TARGET
# Another Python: make lab PYTHON=python3.12        Options of the command: make lab ARGS="--no-browser"
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
TARGETS := setup lab course test lint types unit fresh nbval e2e bench lock build help

.PHONY: $(TARGETS)
$(TARGETS):
	@$(PYTHON) bootstrap.py $@ $(ARGS)
