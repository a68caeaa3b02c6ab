#!/bin/sh
# summary: the layers: who includes and calls whom, and where the machine shows
# timeout: 300
# quick: yes
#
# Seen to fail: see static-layers-planted.sh.
. "$(dirname "$0")/../scenario/static.inc"

check check-layers objdump nm
finish
