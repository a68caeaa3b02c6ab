#!/bin/sh
# summary: shell scripts give the same output under dash as on the host
# matrix: cpus
# timeout: 300
#
# Seen to fail: with `exit 1` put into the guest's copy of one script, its part of the output is shown.
. "$(dirname "$0")/../scenario/shells.inc"

compare dash
finish
