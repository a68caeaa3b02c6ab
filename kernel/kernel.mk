# The kernel, in these variants; docs/testing.md says what each finds.
#
#   release    what is run
#   debug      assertions, poisoning, lock checks, in-kernel tests; all those below have these, too
#   kasan      the address sanitizer
#   ubsan      the undefined-behaviour sanitizer
#   kcsan      the data-race detector
#   cov        counts what has run: make coverage
#
# kernel/sanitize/NAME is compiled for the variant NAME alone.
#
# Sources are found by folder: every .c and .S under kernel/ belongs to the kernel; files under a tests/ folder
# are in-kernel tests and only in debug. Only Linux's UAPI headers are visible besides our own.

# bare: release without the flight recorder, to measure what that costs (tests/scenario/trace-cost.sh).
KERNEL_VARIANTS := release debug kasan ubsan kcsan cov bare
.PHONY: $(KERNEL_VARIANTS:%=kernel-%)

KCC ?= gcc
KERNEL_TEST_SOURCES := $(sort $(shell find kernel tests/guest -path '*/tests/*.c' -o -path 'tests/guest/*.c' 2>/dev/null))
KERNEL_C := $(sort $(shell find kernel -name '*.c' -not -path '*/tests/*' -not -path '*/vdso/user/*'))
KERNEL_S := $(sort $(shell find kernel -name '*.S' -not -name '*.lds.S'))
KERNEL_LDS := kernel/arch/x86_64/boot/kernel.lds.S

UAPI := $(B)/uapi
UAPI_ARCH := $(firstword $(wildcard /usr/include/x86_64-linux-gnu/asm))
GCC_INCLUDE := $(shell $(KCC) -print-file-name=include)

K_INCLUDES := -Ikernel -Ikernel/arch/x86_64 -Ikernel/arch/x86_64/include -nostdinc -isystem $(GCC_INCLUDE) -isystem $(UAPI)
K_WARNINGS := -Wall -Wextra -Werror -Wundef -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wvla -Wwrite-strings -Wimplicit-fallthrough \
	-Wno-unused-parameter -Wno-address-of-packed-member
K_CODE := -std=gnu11 -ffreestanding -fno-builtin-printf -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone \
	-mgeneral-regs-only -fno-strict-aliasing -fno-common -fno-asynchronous-unwind-tables \
	-fno-jump-tables -fno-stack-protector -fcf-protection=none -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer \
	-ffunction-sections -fdata-sections -fno-delete-null-pointer-checks -fwrapv -g -MMD -MP
# Aligned jumps and loops would be a tenth of the text, which has a limit of its own (airlock bench boot, image.kib).
K_CODE_release := -O2 -falign-functions=8 -fno-align-jumps -fno-align-loops -DAIRLOCK_INLINE_LOCKS
# For the same reason what runs at start-up, for people, or beside a device that takes longer anyhow, is compiled for size.
K_SMALL_release := kernel/init/% kernel/dev/% kernel/fs/proc_% kernel/fs/sys_% kernel/fs/archive% kernel/fs/lock_% kernel/fs/mount% \
	$(addprefix kernel/sys/,show% strace% ptrace% attributes% xattr% cred% capability% info% policy% limit% prctl% priority% process% shm% usage% watch%) \
	$(addprefix kernel/proc/,itimer% oom% ptimer% ptrace% usage%) kernel/sched/runtime% \
	kernel/trace/timeline% kernel/trace/report% kernel/trace/panic% kernel/lib/format% kernel/arch/x86_64/boot/% kernel/arch/x86_64/cpu/cpuinfo% \
	kernel/arch/x86_64/irq/acpi%
K_SMALL_bare = $(K_SMALL_release)
K_CODE_bare := $(K_CODE_release) -DAIRLOCK_NO_RECORDER
K_CODE_debug := -O2 -DAIRLOCK_DEBUG -DAIRLOCK_TESTS
K_CODE_kasan := $(K_CODE_debug) -DAIRLOCK_KASAN -DAIRLOCK_INSTRUMENTED
K_CODE_kcsan := $(K_CODE_debug) -DAIRLOCK_KCSAN -DAIRLOCK_INSTRUMENTED
K_CODE_cov := $(K_CODE_debug) -DAIRLOCK_COV -DAIRLOCK_INSTRUMENTED
K_CODE_ubsan := $(K_CODE_debug) -DAIRLOCK_UBSAN -DAIRLOCK_INSTRUMENTED

# What instruments C code. Checks are calls, so that they can do nothing before there is a shadow.
K_INSTRUMENT_kasan := -fsanitize=kernel-address -fasan-shadow-offset=0xdfffb00000000000 \
	--param asan-instrumentation-with-call-threshold=0 -fsanitize-address-use-after-scope --param asan-stack=1 --param asan-globals=1
K_INSTRUMENT_ubsan := -fsanitize=undefined -fno-sanitize=alignment,nonnull-attribute,returns-nonnull-attribute
K_INSTRUMENT_kcsan := -fsanitize=thread --param tsan-distinguish-volatile=1 \
	--param tsan-instrument-func-entry-exit=0 -Wno-tsan
K_INSTRUMENT_cov := -fprofile-arcs -ftest-coverage -fprofile-info-section -fprofile-update=atomic

# What is never instrumented: the runtimes themselves, and what runs before anything is mapped. .entry.text is assembly.
K_PLAIN := $(foreach v,kasan ubsan kcsan cov,kernel/sanitize/$(v)/%)
K_PLAIN_EARLY := kernel/arch/x86_64/boot/%
K_PLAIN_ubsan := $(K_PLAIN_EARLY)
K_PLAIN_kasan := $(K_PLAIN_EARLY) kernel/arch/x86_64/mm/shadow.c kernel/mm/slab.c kernel/mm/slab_debug.c kernel/mm/slab_kasan.c

# What runs on a CPU that can't reach its struct cpu yet.
K_PLAIN_kcsan := $(K_PLAIN_EARLY) kernel/arch/x86_64/cpu/% kernel/arch/x86_64/irq/smp.c

# What belongs to some variants only.
K_ONLY_kasan := kernel/sanitize/kasan/% kernel/arch/x86_64/mm/shadow.c kernel/mm/slab_kasan.c
K_ONLY_kcsan := kernel/sanitize/kcsan/%
K_ONLY_cov := kernel/sanitize/cov/%
K_ONLY_ubsan := kernel/sanitize/ubsan/%
K_ONLY_ALL := $(foreach v,$(KERNEL_VARIANTS),$(K_ONLY_$(v)))
K_LDFLAGS := -nostdlib -static -no-pie -z max-page-size=4096 -z noexecstack --build-id=none --gc-sections \
	--fatal-warnings --no-warn-rwx-segments

# <linux/shm.h> wants the C library's header, and nothing from it that we use.
$(UAPI)/.stamp: kernel/kernel.mk
	@mkdir -p $(UAPI)
	@for d in linux asm-generic; do ln -sfn /usr/include/$$d $(UAPI)/$$d; done
	@ln -sfn $(UAPI_ARCH) $(UAPI)/asm
	@: >$(UAPI)/unistd.h
	@touch $@

# The vDSO is a program's: compiled for ring 3, linked as a shared library, and put into the kernel as it is.
VDSO := kernel/arch/x86_64/vdso/user
VDSO_CODE := -std=gnu11 -O2 -Wall -Wextra -Werror -Wno-unused-parameter -ffreestanding -fno-builtin -fPIC -fno-stack-protector \
	-fcf-protection=none -fasynchronous-unwind-tables -mgeneral-regs-only -fno-jump-tables -fno-strict-aliasing -MMD -MP

$(B)/vdso/clock.o: $(VDSO)/clock.c $(UAPI)/.stamp kernel/kernel.mk
	@mkdir -p $(@D)
	$(KCC) $(K_INCLUDES) $(VDSO_CODE) -c -o $@ $<

$(B)/vdso/vdso.so: $(B)/vdso/clock.o $(VDSO)/vdso.lds
	ld -shared -nostdlib -soname linux-vdso.so.1 --hash-style=both --build-id=none --eh-frame-hdr -z max-page-size=4096 \
		-z noexecstack -Bsymbolic --fatal-warnings --no-undefined --strip-debug -T $(VDSO)/vdso.lds -o $@ $<

$(B)/vdso/image.o: $(B)/vdso/vdso.so
	cd $(@D) && objcopy -I binary -O elf64-x86-64 --rename-section .data=.rodata.vdso,alloc,load,readonly,data,contents \
		--set-section-alignment .data=16 vdso.so image.o

-include $(B)/vdso/clock.d

# The kernel carries the names of its functions (kernel/trace/ksyms.c). They are known after a link, and putting them in moves
# what lies behind them, so there are three links: without the table, with one of the right size, with the right one.
KSYMS := $(B)/host/ksyms
$(KSYMS): tools/ksyms.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -o $@ $< -lelf

# $(1): variant, $(2): output, $(3): table's object, if any
kernel_link = ld $(K_LDFLAGS) -T $(B)/kernel-$(1)/kernel.lds -o $(2) $$(K_OBJ_$(1)) $(3)
kernel_names = $(KSYMS) $(1) >$(2).S && $(KCC) -c -o $(2) $(2).S

define KERNEL_RULES
K_DIR_$(1) := $(B)/kernel-$(1)
K_C_$(1) := $$(filter-out $$(filter-out $$(K_ONLY_$(1)),$$(K_ONLY_ALL)),$$(KERNEL_C))
K_OBJ_$(1) := $(B)/vdso/image.o $$(K_C_$(1):%.c=$(B)/kernel-$(1)/%.o) $$(KERNEL_S:%.S=$(B)/kernel-$(1)/%.S.o) \
	$$(if $$(filter-out release bare,$(1)),$$(KERNEL_TEST_SOURCES:%.c=$(B)/kernel-$(1)/%.o))

kernel-$(1): $(B)/kernel-$(1)/airlock.elf

$(B)/kernel-$(1)/%.o: %.c $(UAPI)/.stamp kernel/kernel.mk
	@mkdir -p $$(@D)
	$$(KCC) $(K_INCLUDES) $(K_WARNINGS) $(K_CODE) $(K_CODE_$(1)) \
		$$(if $$(filter $$(K_SMALL_$(1)),$$<),-Os) \
		$$(if $$(filter $(K_PLAIN) $$(K_PLAIN_$(1)),$$<),,$$(K_INSTRUMENT_$(1))) -c -o $$@ $$<

$(B)/kernel-$(1)/%.S.o: %.S $(UAPI)/.stamp kernel/kernel.mk
	@mkdir -p $$(@D)
	$$(KCC) $(K_INCLUDES) $(K_CODE_$(1)) -D__ASSEMBLY__ -g -MMD -MP -c -o $$@ $$<

$(B)/kernel-$(1)/kernel.lds: $(KERNEL_LDS) $(UAPI)/.stamp
	@mkdir -p $$(@D)
	$$(KCC) $(K_INCLUDES) $(K_CODE_$(1)) -E -P -x c -D__ASSEMBLY__ -MMD -MP -MT $$@ -MF $$@.d -o $$@ $$<

$(B)/kernel-$(1)/airlock.elf: $$(K_OBJ_$(1)) $(B)/kernel-$(1)/kernel.lds $(KSYMS)
	$(call kernel_link,$(1),$$@.1)
	$(call kernel_names,$$@.1,$$@.1.o)
	$(call kernel_link,$(1),$$@.2,$$@.1.o)
	$(call kernel_names,$$@.2,$$@.2.o)
	$(call kernel_link,$(1),$$@,$$@.2.o)
	$(KSYMS) --check $$@

-include $$(patsubst %.o,%.d,$$(K_OBJ_$(1))) $(B)/kernel-$(1)/kernel.lds.d
endef
$(foreach v,$(KERNEL_VARIANTS),$(eval $(call KERNEL_RULES,$(v))))
