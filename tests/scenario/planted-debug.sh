#!/bin/sh
# summary: debug kernels report each planted breach of a rule, with its line
# timeout: 600
# quick: no
#
# Seen to fail: on the release kernel, which notices none of the first three, and each when its check was not written yet.
. "$(dirname "$0")/../scenario/common.inc"
. "$(dirname "$0")/../scenario/planted.inc"

planted debug lock_inversion "lock order: .* takes 'planted outer' .* holds 'planted inner' .*; the cycle: rank [0-9]+ -> [0-9]+ at lock_inversion"
planted debug lock_taken_twice "lock order: .* takes 'planted outer' .*, which it holds already"
planted debug lock_of_handlers_with_interrupts_on "lock 'planted inner' .* is taken with interrupts on, behind those of handlers"
planted debug unlock_by_non_owner "releases lock 'planted outer', which CPU -1 holds"
planted debug sleep_under_spinlock "a thread sleeps while CPU . holds lock 'planted outer', taken at sleep_under_spinlock"
planted debug mutex_under_spinlock "a mutex is taken while CPU . holds lock 'planted outer'"
planted debug mutex_unlock_by_non_owner 'check failed: mutex_held'
planted debug lost_wakeup 'lost wakeup: what .*planted_debug.c:[0-9]* waits for has become true'
planted debug leaked_page 'leaked frame .* leaked_page'
planted debug unchecked_allocation '#PF in the kernel at unchecked_allocation'
planted debug leak_on_failure 'leaked frame .* leak_on_failure'
planted kasan leaked_object "leaked object .* of 'kmalloc-256', allocated by"
planted debug refcount_underflow 'check failed: before != 0' 'NOINLINE bool put('
planted debug refcount_from_zero 'check failed: before != 0'
planted debug list_corrupted 'list corrupted: next of'
planted debug write_to_free_object "of cache 'kmalloc-256' was written to while it was free"
planted debug write_to_free_frame 'frame .* was written to while it was free'
planted debug use_of_poisoned_pointer '#GP in the kernel at use_of_poisoned_pointer'
planted debug stack_too_deep 'the kernel stack overflowed' 'NOINLINE u32 deeper('
planted debug stack_nearly_full 'a kernel stack was used to' -
PLANTED_ARGS="--icount --kernel-arg irqoff=100"
CPUS=1
RUN_ANY="$AIRLOCK run --cpus 1 --timeout 50"
planted debug interrupts_off_for_long 'interrupts were off for 1[0-9][0-9] ms, since interrupts_off_for_long'
finish
