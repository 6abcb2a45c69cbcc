# Included by the top-level Makefile; PYTHON is the interpreter of its environment.
PYTHON ?= .venv/bin/python

.PHONY: bench-demo
bench-demo: ## measure on a simulated phone, from adb to the report
	$(PYTHON) benchmarks/demo.py
