# Programs that the scripts in tests/scenario and tests/crossing run in VMs.
#
#   tests/programs/NAME.c        static, with glibc
#   tests/programs/NAME.musl.c   static, with musl
#   tests/programs/NAME.S        without a library
#   tests/programs/NAME/*.c *.S  one program of several files, with glibc; NAME/build.flags has
#                                more words for gcc
#
# A line `// flags: ...` in a single source adds to its command, as for the ABI programs. The
# result is $(B)/tests/programs/NAME.

.PHONY: test-programs

PROGRAMS_DIR := $(B)/tests/programs
PROGRAMS_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -static -Wall -Wextra -Werror
PROGRAMS_SINGLE := $(wildcard tests/programs/*.c tests/programs/*.S)
PROGRAMS_FOLDERS := $(patsubst tests/programs/%/build.flags,%,\
	$(wildcard tests/programs/*/build.flags))
TEST_PROGRAMS := $(sort $(PROGRAMS_FOLDERS:%=$(PROGRAMS_DIR)/%) \
	$(patsubst tests/programs/%,$(PROGRAMS_DIR)/%,$(basename $(basename $(PROGRAMS_SINGLE)))))
programs_flags = $(shell sed -n 's,^// flags: ,,p' $(1))

test-programs: $(TEST_PROGRAMS)

define PROGRAM_FOLDER_RULE
$(PROGRAMS_DIR)/$(1): $(wildcard tests/programs/$(1)/* tests/programs/*.inc) tests/programs/programs.mk
	@mkdir -p $$(@D)
	gcc $(PROGRAMS_CFLAGS) $$(shell cat tests/programs/$(1)/build.flags) -o $$@ $$(filter %.c %.S,$$^)
endef
$(foreach p,$(PROGRAMS_FOLDERS),$(eval $(call PROGRAM_FOLDER_RULE,$(p))))

$(PROGRAMS_DIR)/%: tests/programs/%.musl.c tests/programs/programs.mk
	@mkdir -p $(@D)
	musl-gcc $(PROGRAMS_CFLAGS) -o $@ $< $(call programs_flags,$<)

$(PROGRAMS_DIR)/%: tests/programs/%.c tests/programs/programs.mk
	@mkdir -p $(@D)
	gcc $(PROGRAMS_CFLAGS) -o $@ $< $(call programs_flags,$<)

$(PROGRAMS_DIR)/%: tests/programs/%.S tests/programs/programs.mk
	@mkdir -p $(@D)
	gcc -g -nostdlib -static -Wl,--build-id=none -o $@ $< $(call programs_flags,$<)
