#!/bin/sh
# summary: shell scripts give the same output under busybox sh as on the host
# timeout: 300
. "$(dirname "$0")/../scenario/shells.inc"

RUN="$RUN --cpus 2"
compare busybox sh
finish
