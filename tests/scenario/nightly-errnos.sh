#!/bin/sh
# summary: every error that the manual names for a call is provoked by an ABI program or explained, and docs/errnos.md says so
# timeout: 3600
# nightly: yes
#
# Seen to fail: without a reason for EDQUOT, with one for an error that is provoked, with one for an error that no page names, and with an
# old page.
. "$(dirname "$0")/common.inc"

man=/usr/share/man/man2/read.2.gz
[ -f "$man" ] || skip "there are no manual pages (manpages-dev; or dpkg was told to leave documentation out)"

title "errors"
run "$SOURCE/tools/errno-audit" --docs "$SCRATCH/errnos.md"
expect_status 0
expect_out "0 mistakes"
diff "$SOURCE/docs/errnos.md" "$SCRATCH/errnos.md" || fail "make it anew: tools/errno-audit --docs docs/errnos.md"
finish
