#!/bin/sh
# summary: the address sanitizer reports each planted misuse of memory, with its line
# matrix: cpus
# timeout: 600
# quick: no
#
# Seen to fail: with kasan_poison() left out of slab_kasan_free() (use_after_free and double_free are not noticed), and with
# another line marked by SIN().
. "$(dirname "$0")/../scenario/common.inc"
. "$(dirname "$0")/../scenario/planted.inc"

planted kasan use_after_free 'use after free: a write of 8 bytes'
planted kasan use_after_free_much_later 'use after free: a write of 8 bytes'
grep -q 'given out on CPU' "$SCRATCH/report" || fail "the report does not say who had the object"
grep -q 'freed on CPU' "$SCRATCH/report" || fail "the report does not say who freed the object"
planted kasan double_free 'was freed twice'
planted kasan heap_overflow 'beyond a heap object: a write of 1 bytes'
planted kasan heap_overflow_by_memset 'beyond a heap object: a write of 5001 bytes'
planted kasan stack_overflow_of_array 'beyond a variable on the stack'
planted kasan use_after_scope 'out of scope'
planted kasan global_overflow 'beyond a global'
planted kasan use_of_free_frame 'a free frame'
planted kasan user_access_outside_ucopy "a program's address"
planted kasan null_pointer 'a null pointer'
finish
