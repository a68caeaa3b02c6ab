# What `airlock test` runs on the host or puts into VMs.
#
#   make unit-tests        builds  $(B)/tests/unit/MODULE-NAME  from  tests/unit/MODULE/NAME_test.c
#   make run-unit-tests    runs them all; fails if one does
#   make abi-programs      builds  $(B)/tests/abi/NAME  from  tests/abi/NAME.c, NAME.musl.c, NAME.S
#   make tests             everything that is to be built
#
# A unit test is one cmocka program. Near its top it says which sources it tests, one line or more of
#
#       // sources: kernel/lib/rbtree.c kernel/lib/format.c
#
# and these are compiled for the host (with sanitizers, assertions and -DAIRLOCK_HOST_TEST) and linked to it. Nothing
# else of the kernel is: what they call below themselves comes from tests/unit/support/ (panic, allocation, locks,
# frames, user copies, log), which is a library, so a source named in the line takes the place of its double there.
# A test that must see a file's static functions, or rename its public ones, includes the .c itself instead of naming
# it. Headers are looked up in tests/unit, tests/unit/include (which stands before the kernel's: the fake arch),
# kernel and kernel/arch/x86_64/include; <linux/...> in tests/unit/uapi, where it does not agree with glibc.
#
# An ABI program is static: with glibc, with musl (.musl.c), or without a library (.S). A line in it
#
#       // flags: -Ttext-segment=0x50000000
#
# adds to the command that builds it. It must run on Linux, too, with the same result.

.PHONY: unit-tests run-unit-tests abi-programs

# -- unit tests --

UNIT := $(B)/tests/unit
UNIT_CC ?= gcc
UNIT_TESTS := $(sort $(wildcard tests/unit/*/*_test.c))
UNIT_PROGRAMS := $(foreach t,$(UNIT_TESTS),$(UNIT)/$(subst /,-,$(patsubst tests/unit/%_test.c,%,$(t))))
UNIT_SUPPORT := $(patsubst %.c,$(UNIT)/obj/%.o,$(sort $(wildcard tests/unit/support/*.c)))

# Words TEST=SOURCE, for every source that a test names.
UNIT_SOURCES := $(if $(UNIT_TESTS),$(shell \
	awk '$$1 == "//" && $$2 == "sources:" { for (i = 3; i <= NF; i++) print FILENAME "=" $$i }' $(UNIT_TESTS)))
unit_sources = $(patsubst $(1)=%,%,$(filter $(1)=%,$(UNIT_SOURCES)))

UNIT_INCLUDES := -iquote tests/unit -iquote tests/unit/include -iquote kernel -iquote kernel/arch/x86_64 -iquote kernel/arch/x86_64/include \
	-isystem tests/unit/uapi
UNIT_WARNINGS := -Wall -Wextra -Werror -Wundef -Wshadow -Wpointer-arith -Wstrict-prototypes -Wvla \
	-Wwrite-strings -Wimplicit-fallthrough -Wno-unused-parameter -Wno-address-of-packed-member
UNIT_CODE := -std=gnu11 -g -O1 -fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-fsanitize=address,undefined -fno-sanitize-recover=all -DAIRLOCK_HOST_TEST -DAIRLOCK_DEBUG -MMD -MP $(UNIT_COVERAGE)

$(UNIT)/obj/%.o: %.c tests/tests.mk
	@mkdir -p $(@D)
	$(UNIT_CC) $(UNIT_INCLUDES) $(UNIT_WARNINGS) $(UNIT_CODE) -c -o $@ $<

$(UNIT)/libsupport.a: $(UNIT_SUPPORT)
	@rm -f $@
	ar rcs $@ $^

define UNIT_RULES
$(UNIT)/$(subst /,-,$(patsubst tests/unit/%_test.c,%,$(1))): $(patsubst %.c,$(UNIT)/obj/%.o,$(1) $(call unit_sources,$(1))) \
		$(UNIT)/libsupport.a
	$(UNIT_CC) -fsanitize=address,undefined $(UNIT_COVERAGE) -o $$@ $$^ -lcmocka
endef
$(foreach t,$(UNIT_TESTS),$(eval $(call UNIT_RULES,$(t))))

unit-tests: $(UNIT_PROGRAMS)

run-unit-tests: unit-tests
	@failed=; for t in $(UNIT_PROGRAMS); do \
		if timeout 300 $$t >$$t.log 2>&1; then echo "pass $${t##*/}"; \
		else echo "FAIL $${t##*/}"; cat $$t.log; failed=1; fi; \
	done; test -z "$$failed"

-include $(shell find $(UNIT)/obj -name '*.d' 2>/dev/null)

# -- ABI programs --

ABI := $(B)/tests/abi
ABI_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra
ABI_PROGRAMS := $(sort $(patsubst tests/abi/%,$(ABI)/%,$(basename $(basename \
	$(wildcard tests/abi/*.c) $(wildcard tests/abi/*.S)))))
abi_flags = $(shell sed -n 's,^// flags: ,,p' $(1))
# -static and -static-pie do not go together.
abi_link = $(if $(findstring -static-pie,$(call abi_flags,$(1))),,-static)

abi-programs: $(ABI_PROGRAMS)

$(ABI)/%: tests/abi/%.musl.c $(wildcard tests/abi/*.h) tests/tests.mk
	@mkdir -p $(@D)
	musl-gcc $(ABI_CFLAGS) $(call abi_link,$<) -o $@ $< $(call abi_flags,$<)

$(ABI)/%: tests/abi/%.c $(wildcard tests/abi/*.h) tests/tests.mk
	@mkdir -p $(@D)
	gcc $(ABI_CFLAGS) $(call abi_link,$<) -o $@ $< $(call abi_flags,$<)

$(ABI)/%: tests/abi/%.S $(wildcard tests/abi/*.h) tests/tests.mk
	@mkdir -p $(@D)
	gcc -g -nostdlib -static -Wl,--build-id=none -o $@ $< $(call abi_flags,$<)

# -- programs for the scripts --

include tests/programs/programs.mk

# -- all --

tests: unit-tests abi-programs test-programs kernel-release kernel-debug cli
