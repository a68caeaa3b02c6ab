#!/bin/sh
# summary: shell scripts give the same output as on the host, under three shells
# matrix: cpus
# timeout: 300
#
# The scripts are tests/shell/*.sh. Each runs in an empty folder of its own, all of a shell's in one VM. The tools that they
# use are the host's, unmodified.
#
# Seen to fail: with `exit 1` put into the guest's copy of one script, its part of the output is shown.
. "$(dirname "$0")/../scenario/common.inc"

TOOLS="awk basename echo test kill cat chmod cksum cp cut date dd dirname env expr false find grep head ln ls mkdir mkfifo mv od printf
	readlink rm rmdir sed seq sleep sort tac tail tee touch tr true truncate uniq wc xargs yes sh"

# One script after the other: what it prints, on either stream, and its status.
cat >"$SCRATCH/all" <<'END'
scripts=$1
shift
for script in "$scripts"/*.sh; do
	rm -rf work
	mkdir work
	echo "== ${script##*/}"
	(cd work && exec "$@" "$script" </dev/null 2>&1)
	echo "status $?"
done
END

volumes=
for tool in $TOOLS; do
	# Not what `command -v` says: some are built into this shell, too. awk is a link to a link.
	volumes="$volumes -v $(readlink -f "/usr/bin/$tool"):/bin/$tool"
done

# The shell's messages begin with the script's name, so both sides find it at the same place.
compare() {
	shell=$1
	shift
	title "$shell"
	command -v "$shell" >/dev/null || { fail "the host has no $shell"; return; }
	mkdir -p "$SCRATCH/host"
	(cd "$SCRATCH/host" && PATH=/bin:/usr/bin sh "$SCRATCH/all" "$SOURCE/tests/shell" "$shell" "$@") \
		>"$SCRATCH/want" 2>&1
	# shellcheck disable=SC2086
	run $RUN -m 512M $volumes -v "$(command -v "$shell"):/bin/$shell" -v "$SCRATCH/all:/all" \
		-v "$SOURCE/tests/shell:$SOURCE/tests/shell" -w /tmp -e PATH=/bin sh /all \
		"$SOURCE/tests/shell" "$shell" "$@"
	expect_status 0
	expect_no_err
	diff "$SCRATCH/want" "$SCRATCH/out" >"$SCRATCH/diff" || {
		fail "$shell: differs from the host"
		head -n 60 "$SCRATCH/diff"
	}
}

compare dash
compare bash
compare busybox sh
finish
