#!/bin/sh
# summary: the storm with programs created and killed for half an hour
# matrix: pti
# timeout: 2400
# nightly: yes
#
# Seen to fail: as storm-churn.sh.
STORM_SECONDS=1800 QUICK='' exec "$(dirname "$0")/storm-churn.sh"
