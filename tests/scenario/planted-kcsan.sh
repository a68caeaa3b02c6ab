#!/bin/sh
# summary: the race detector reports each planted race, with its line
# timeout: 600
# quick: no
#
# Seen to fail: with both threads on one CPU, and with the second access made through READ_ONCE().
. "$(dirname "$0")/../scenario/common.inc"
CPUS=2
. "$(dirname "$0")/../scenario/planted.inc"

planted kcsan race_on_a_counter 'data race: (read|write) of 8 bytes .* in count' 'static void count('
planted kcsan race_with_a_marked_write 'data race: read of 8 bytes .* marked write of 8 .* in mark'
finish
