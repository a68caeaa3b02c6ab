#!/bin/sh
# summary: the storm for half an hour
# matrix: pti
# timeout: 2400
# nightly: yes
#
# Seen to fail: as storm.sh.
STORM_SECONDS=1800 QUICK='' exec "$(dirname "$0")/storm.sh"
