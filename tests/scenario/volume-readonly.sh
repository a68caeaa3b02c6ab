#!/bin/sh
# summary: -v HOST:GUEST:ro: every call that would change it fails with EROFS; a volume that is not :ro within it can be changed
# matrix: pti
# timeout: 60
# quick: yes
#
# Seen to fail: with fs_add_volume() not called, all of them succeed; with readonly not looked at in fs_remove() and fs_rename(),
# names that are missing gave ENOENT.
. "$(dirname "$0")/common.inc"

mkdir -p "$SCRATCH/host/dir/empty" "$SCRATCH/inner" || exit 1
echo contents >"$SCRATCH/host/file"
echo more >"$SCRATCH/host/dir/file"
ln -sf file "$SCRATCH/host/link"
echo inner >"$SCRATCH/inner/file"
cp "$PROGRAMS/readonly" "$SCRATCH/host/program"

title "every call"
run $RUN -v "$SCRATCH/host:/mnt/ro:ro" -v "$SCRATCH/inner:/mnt/ro/dir/inner" "$PROGRAMS/readonly" /mnt/ro
expect_status 0

title "as a user who may not anyway"
run $RUN -u 1000:1000 -v "$SCRATCH/host:/mnt/ro:ro" busybox sh -c 'echo x >/mnt/ro/file'
expect_status 1

title "a single file"
run $RUN -v "$SCRATCH/host/file:/etc/one:ro" busybox sh -c 'cat /etc/one && ! echo x >/etc/one && ! rm /etc/one && echo y >/etc/two'
expect_status 0

title "without :ro"
run $RUN -v "$SCRATCH/host:/mnt/rw" busybox sh -c 'echo x >/mnt/rw/file && rm -r /mnt/rw/dir && cat /mnt/rw/file'
expect_status 0
expect_out x

title "the host's files"
run cat "$SCRATCH/host/file" "$SCRATCH/host/dir/file"
expect_out "contents
more"
finish
