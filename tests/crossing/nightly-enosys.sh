#!/bin/sh
# summary: the report's program in 1000 boots for each variant
# matrix: cpus pti
# timeout: 1800
# nightly: yes
#
# Seen to fail: as ring3-enosys.sh.
BOOTS=1000 QUICK='' exec "$(dirname "$0")/ring3-enosys.sh"
