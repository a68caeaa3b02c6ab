# The static checks. Each prints one line or more for each finding, and fails if there is any.
#
#   make check          all of them; the tests tests/scenario/static-*.sh run them one by one
#   make check-layers   tools/checklayers: who uses whom, and where the machine shows
#   make check-format   clang-format; and no note to do something later, which belongs in an issue
#   make check-headers  every header compiles alone
#   make tidy           clang-tidy, with .clang-tidy's list
#   make tsa            the whole kernel in clang's eyes: its warnings, and the analysis of who holds which lock
#   make cppcheck       a second analyser, for what the others do not look at
#
# Debian packages: clang-22 (tsa), clang-format, clang-tidy, cppcheck.

-include $(wildcard tools/*/*.mk)

.PHONY: check check-layers check-format check-headers tidy tsa cppcheck
check: check-layers check-format check-headers tidy tsa cppcheck

CHECK_JOBS ?= $(shell nproc)
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy
TSA_CLANG ?= clang-22

CHECK_C := $(KERNEL_C) $(KERNEL_TEST_SOURCES) $(sort $(wildcard cli/*.c tools/*.c tools/*/*.c))
CHECK_H := $(sort $(shell find kernel cli tools -name '*.h'))
CHECK_FORMAT := $(CHECK_C) $(CHECK_H) $(sort $(shell find tests -name '*.[ch]'))

# -- check-layers --

# The debug kernel has all that the release kernel has, and the in-kernel tests. An object that is there and has no source any more is
# removed, or it would be checked, too.
check-layers: kernel-debug
	@find $(B)/kernel-debug/kernel -name '*.[od]' | while read -r o; do \
		s=$${o#$(B)/kernel-debug/}; s=$${s%.[od]}; \
		[ -f "$$s.c" ] || [ -f "$$s" ] || rm -f "$$o"; done
	tools/checklayers $(B)/kernel-debug

# -- check-format --

check-format:
	@echo $(CHECK_FORMAT) | xargs -P $(CHECK_JOBS) -n 20 $(CLANG_FORMAT) --dry-run -Werror
	@! grep -nwE 'TODO|FIXME|XXX' $(CHECK_FORMAT) $(KERNEL_S) /dev/null

# -- tidy, check-headers, tsa, cppcheck --

# What the kernel's code is compiled with, less what only GCC has or what only matters to code generation.
CHECK_KERNEL_FLAGS := -std=gnu11 -ffreestanding -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
	-fno-strict-aliasing -fno-common -fwrapv -O2 -DAIRLOCK_DEBUG -DAIRLOCK_TESTS \
	-Ikernel -Ikernel/arch/x86_64 -Ikernel/arch/x86_64/include -nostdlibinc -isystem $(UAPI)
CHECK_CLI_FLAGS := -std=gnu11 -D_GNU_SOURCE -I. -DENTRYCHECK_DATA=__FILE__ -DENTRYCHECK_OBJECTS=__FILE__ \
	$(shell pkg-config --cflags $(CLI_LIBRARIES) capstone 2>/dev/null)
# Programs on the host may recurse and call the shell. The analyzer's core does not see through functions of other files, such as
# message_fail(), whose result is its first argument; the sanitizers of the unit tests look for the same.
TIDY_HOST := -misc-no-recursion,-cert-env33-c,-readability-function-size,\
-clang-analyzer-core.*,-clang-analyzer-security.insecureAPI.strcpy

# What belongs to one variant alone is looked at with that variant's definitions.
CHECK_VARIANTS := kasan ubsan kcsan cov
check_common = $(filter-out $(foreach v,$(CHECK_VARIANTS),$(K_ONLY_$(v))),$(1))
check_only = $(filter $(K_ONLY_$(1)),$(KERNEL_C))
check_defines = $(filter -DAIRLOCK_%,$(K_CODE_$(1)))
# Those that have files of their own.
CHECK_OWN = $(foreach v,$(CHECK_VARIANTS),$(if $(call check_only,$(v)),$(v)))

# In-kernel tests are left out: what EXPECT() expands to is long, and a test may do odd things.
.PHONY: tidy-kernel tidy-variants tidy-host
tidy: tidy-kernel tidy-variants tidy-host
tidy-kernel: $(UAPI)/.stamp
	@echo $(call check_common,$(KERNEL_C)) | xargs -P $(CHECK_JOBS) -n 8 sh -c \
		'$(CLANG_TIDY) --quiet "$$@" -- $(CHECK_KERNEL_FLAGS) 2>/dev/null' tidy
tidy-variants: $(UAPI)/.stamp
	@$(foreach v,$(CHECK_OWN),$(CLANG_TIDY) --quiet $(call check_only,$(v)) -- \
		$(CHECK_KERNEL_FLAGS) $(call check_defines,$(v)) 2>/dev/null &&) :
tidy-host:
	@echo $(filter cli/% tools/%,$(CHECK_C)) | xargs -P $(CHECK_JOBS) -n 8 sh -c \
		'$(CLANG_TIDY) --quiet --checks="$(TIDY_HOST)" "$$@" -- $(CHECK_CLI_FLAGS) 2>/dev/null' tidy

# -include, so that the file is not the header itself, for which some warnings are off.
check-headers: $(UAPI)/.stamp
	@echo $(filter kernel/%,$(CHECK_H)) | xargs -P $(CHECK_JOBS) -n 1 sh -c \
		'$(KCC) $(K_INCLUDES) $(K_WARNINGS) -std=gnu11 -ffreestanding -fsyntax-only -x c -include "$$0" /dev/null || \
		{ echo "$$0 does not compile alone"; exit 1; }'

TSA_FLAGS := -DAIRLOCK_THREAD_SAFETY -Wthread-safety -Wthread-safety-beta -fexperimental-late-parse-attributes
tsa: $(UAPI)/.stamp
	@echo $(call check_common,$(filter kernel/% tests/guest/%,$(CHECK_C))) | xargs -P $(CHECK_JOBS) -n 8 sh -c \
		'$(TSA_CLANG) -fsyntax-only $(K_WARNINGS) $(CHECK_KERNEL_FLAGS) $(TSA_FLAGS) "$$@"' tsa
	@$(foreach v,$(CHECK_OWN),$(TSA_CLANG) -fsyntax-only $(K_WARNINGS) $(CHECK_KERNEL_FLAGS) $(TSA_FLAGS) \
		$(call check_defines,$(v)) $(call check_only,$(v)) &&) :

CPPCHECK_FLAGS := --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	--inline-suppr -j $(CHECK_JOBS) --suppressions-list=tools/cppcheck.txt
cppcheck:
	@cppcheck $(CPPCHECK_FLAGS) -DAIRLOCK_DEBUG -D__x86_64__ -D__GNUC__ -Ikernel -Ikernel/arch/x86_64 \
		-Ikernel/arch/x86_64/include $(filter kernel/%,$(CHECK_C))
	@cppcheck $(CPPCHECK_FLAGS) -I. $(filter cli/% tools/%,$(CHECK_C))
