#!/bin/sh
# summary: an epoll set takes no more files than fs.epoll.max_user_watches lets its user have, and gives back what goes
# matrix: cpus
# timeout: 60
# quick: yes
#
# Seen to fail: with one count for all users (another user's own set), and with epoll_item_destroy() that does not count down.
. "$(dirname "$0")/common.inc"

run $RUN "$PROGRAMS/epoll_watches"
expect_status 0
expect_out "watches counted"
finish
