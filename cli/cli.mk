# The command: build/bin/airlock, and the floor that `airlock bench boot` compares with.

CLI_SOURCES := $(sort $(wildcard cli/*.c))
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(B)/%.o)
CLI_LIBRARIES := libarchive libelf jansson
CLI_CC ?= gcc
CLI_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes -Wshadow \
	-Wstrict-prototypes -Wold-style-definition -Wformat=2 -Wundef -Wwrite-strings -Wpointer-arith \
	-Wvla -Wimplicit-fallthrough -fstack-protector-strong -MMD -MP

.PHONY: cli
cli: $(B)/bin/airlock $(B)/cli/floor.elf $(B)/cli/nothing.elf

$(B)/cli/%.o: cli/%.c cli/cli.mk
	@mkdir -p $(@D)
	$(CLI_CC) $(CLI_CFLAGS) $$(pkg-config --cflags $(CLI_LIBRARIES)) -c -o $@ $<

$(B)/bin/airlock: $(CLI_OBJECTS)
	@mkdir -p $(@D)
	$(CLI_CC) -o $@ $(CLI_OBJECTS) $$(pkg-config --libs $(CLI_LIBRARIES)) -lm

# 32-bit code for PVH, which ends the VM at its second instruction.
$(B)/cli/floor.elf: cli/floor.S cli/cli.mk
	@mkdir -p $(@D)
	$(CLI_CC) -nostdlib -static -no-pie -Wl,-Ttext-segment=0x100000 -Wl,--build-id=none -o $@ $<

-include $(CLI_OBJECTS:.o=.d)

# A program that only exits.
$(B)/cli/nothing.elf: cli/nothing.S cli/cli.mk
	@mkdir -p $(@D)
	$(CLI_CC) -nostdlib -static -Wl,--build-id=none -o $@ $<

# Tests of the command: its modules with sanitizers, and the built command from outside.
CLI_TEST_CFLAGS := $(CLI_CFLAGS) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -I.
CLI_TEST_OBJECTS := $(filter-out %/main.o,$(CLI_SOURCES:%.c=$(B)/cli-test/%.o))
CLI_TESTS := $(patsubst tests/unit/cli/test_%.c,$(B)/tests/unit/cli-%,$(wildcard tests/unit/cli/test_*.c))

.PHONY: unit-tests
unit-tests: $(CLI_TESTS) $(B)/tests/fake-qemu cli

$(B)/cli-test/%.o: %.c cli/cli.mk
	@mkdir -p $(@D)
	$(CLI_CC) $(CLI_TEST_CFLAGS) $$(pkg-config --cflags $(CLI_LIBRARIES)) -c -o $@ $<

$(B)/tests/unit/cli-%: $(B)/cli-test/tests/unit/cli/test_%.o $(B)/cli-test/tests/unit/cli/process.o $(B)/cli-test/tests/unit/cli/fakerun.o \
		$(CLI_TEST_OBJECTS)
	@mkdir -p $(@D)
	$(CLI_CC) -fsanitize=address,undefined -o $@ $^ \
		$$(pkg-config --libs $(CLI_LIBRARIES)) -lcmocka -lm

$(B)/tests/fake-qemu: tests/unit/cli/fake_qemu.c cli/cli.mk
	@mkdir -p $(@D)
	$(CLI_CC) $(CLI_CFLAGS) -I. -o $@ $<

-include $(shell find $(B)/cli-test -name '*.d' 2>/dev/null)
