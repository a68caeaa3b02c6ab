# What of kernel/ the tests run.
#
#   make coverage          runs the unit tests and the other tiers with the counting kernel; then the report
#   make coverage-report   from what was counted so far: build/coverage/index.html, and the table in docs/coverage.md
#
# COVERAGE_TESTS says which tests: globs, or options of `airlock test`.

COVERAGE := $(B)/coverage
COVERAGE_UNIT := $(B)/tests/unit-cov
COVERAGE_TESTS ?= --most 'guest/*' 'abi/*' 'scenario/*' 'crossing/*'

.PHONY: coverage coverage-units coverage-report

coverage: kernel-cov cli abi-programs test-programs
	rm -rf $(COVERAGE)
	$(MAKE) coverage-units
	$(B)/bin/airlock test --variant cov $(COVERAGE_TESTS) || true
	$(MAKE) coverage-report

# The same programs as the unit tests', in a folder of their own; not optimized, so that each line has code of its own.
coverage-units:
	find $(COVERAGE_UNIT) -name '*.gcda' -delete 2>/dev/null || true
	-$(MAKE) -k run-unit-tests UNIT=$(COVERAGE_UNIT) UNIT_COVERAGE="--coverage -O0"

GCOVR := gcovr -r . --filter kernel/ --exclude '.*/tests/.*' --exclude 'kernel/sanitize/.*' --gcov-ignore-parse-errors

coverage-report:
	tools/coverage/collect.py $(COVERAGE)/raw
	$(GCOVR) --json-summary $(COVERAGE)/summary.json --html-details $(COVERAGE)/index.html \
		$(B)/kernel-cov $(COVERAGE_UNIT)
	tools/coverage/table.py $(COVERAGE)/summary.json docs/coverage.md
