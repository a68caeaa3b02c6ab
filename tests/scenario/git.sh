#!/bin/sh
# summary: git in the guest: commits, branches, a merge, a rebase, a bisection with a script, packing, a clone; says what it says on the host
# matrix: cpus+pti
# timeout: 240
#
# Many small processes that talk through pipes, lock files by making them, rename them into place, and map what they have packed.
#
# Seen to fail: without /bin/sh in the guest, for git-bisect is a script.
. "$(dirname "$0")/common.inc"

TOOLS='sh git cat rm mv sed grep tar gzip wc sort uname basename dirname mkdir expr tr'
for tool in $TOOLS; do
	command -v $tool >/dev/null || skip "the host has no $tool"
done

cat >"$SCRATCH/work.sh" <<'END2'
set -e
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE='2020-01-01 00:00:00 +0000' GIT_COMMITTER_DATE='2020-01-01 00:00:00 +0000'
git init -q -b main one
cd one
for i in 1 2 3 4 5 6 7 8 9; do
	echo "file $i" >f$i
	git add f$i
	git commit -q -m "the $i"
done
git checkout -q -b side HEAD~4
echo x >>f1
git commit -q -a -m side
git checkout -q main
git merge -q -m merged side
git checkout -q -b next side
echo y >>f2
git commit -q -a -m next
git rebase -q main
git log --oneline --graph --all
git blame -s f1
echo z >>f3
git stash -q
git stash list
git stash pop -q
git diff --stat
git checkout -q f3
git bisect start main main~8 >/dev/null
git bisect run sh -c '! [ -f f6 ]' | grep 'first bad'
git bisect reset >/dev/null 2>&1
git gc -q --aggressive
git fsck --strict
git count-objects -v | grep -v size
git clone -q . ../two
git -C ../two rev-parse HEAD
git archive next | gzip -n | gzip -d | tar t | wc -l
git grep -c file | sort | sed 3q
cat .git/HEAD
rm -rf ../two
git merge -q no-such-branch || echo "status $?"
END2

title "on the host"
mkdir "$SCRATCH/host"
run sh -c "cd $SCRATCH/host && sh ../work.sh"
expect_status 0
want=$(cat "$SCRATCH/out" "$SCRATCH/err")

core=$(git --exec-path)
volumes="-v $SCRATCH/work.sh:/work.sh -v $core:$core -v $(readlink -f /bin/sh):/bin/sh"
for tool in $TOOLS; do
	volumes="$volumes -v $(readlink -f "$(command -v $tool)"):/usr/bin/$tool"
done
[ ! -d /usr/share/git-core ] || volumes="$volumes -v /usr/share/git-core:/usr/share/git-core"

title "in the guest"
# shellcheck disable=SC2086
run $RUN --kernel-arg aslr=off -m 1G $volumes -w /tmp -e PATH=/usr/bin sh -c 'sh /work.sh'
expect_status 0
cat "$SCRATCH/err" >>"$SCRATCH/out"
expect_out "$want"
finish
