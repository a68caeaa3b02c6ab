# Airlock. `make` builds the command and both kernels; each part's rules are in its own .mk file.
#
#   make kernel-release kernel-debug    build/kernel-VARIANT/airlock.elf
#   make cli                            build/bin/airlock
#   make tests                          everything that `airlock test` runs
#   make check-layers check-format tidy the static checks
#   make iso                            build/airlock.iso (GRUB, BIOS and UEFI)

B := build
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all clean tests

all: kernel-release kernel-debug cli

include kernel/kernel.mk
include kernel/iso.mk
-include cli/cli.mk
-include tools/tools.mk
-include tests/tests.mk

clean:
	rm -rf $(B)
