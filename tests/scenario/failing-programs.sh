#!/bin/sh
# summary: Python, and a compilation with gcc, while allocations fail at random: the kernel goes on, and gives everything back
# matrix: cpus
# timeout: 600
# quick: no
#
# As failing-seeds.sh, with programs that are large, have threads and children, and read many files. How they end is their own affair. SEEDS
# says how many seeds each.
#
# Seen to fail: with a page fault that keeps its frame when there is no memory for a table (mm/fault.c, install()).
. "$(dirname "$0")/../scenario/common.inc"
. "$(dirname "$0")/toolchain.inc"

kernel=$BUILD/kernel-debug/airlock.elf
python=/usr/bin/python3
busybox=$(command -v busybox) || skip "the host has no busybox"
[ -f "$kernel" ] || skip "$kernel is not built: make kernel-debug"
[ -x "$python" ] || skip "the host has no $python"
command -v gcc >/dev/null || skip "the host has no gcc"

cat >"$SCRATCH/program.py" <<'END'
import _thread, json, os, queue, subprocess

# Not threading.Thread, whose start() waits for ever for a thread that has no memory to say that it has begun; and one that says nothing
# at all is not waited for without end.
results = queue.Queue()
for n in range(8):
    _thread.start_new_thread(lambda n: results.put(n * n), (n,))
print(json.dumps(sorted(results.get(timeout=20) for _ in range(8))))

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.write(w, b"from the child")
    os._exit(7)
os.close(w)
print(os.read(r, 100), os.waitpid(pid, 0)[1])

with open("lines", "w+") as f:
    f.write("line\n" * 3000)
    f.seek(0)
    print(len(f.readlines()))
print(subprocess.run(["/bin/busybox", "true"]).returncode)
END
cat >"$SCRATCH/program.c" <<'END'
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	printf("%d\n", abs(-42));
	return 0;
}
END

# seeds WORDS PROBABILITY PROGRAM...: the words are options.
seeds() {
	title "one in $2: $3"
	first=$((SEED % 1000000))
	last=$((first + ${SEEDS:-8} - 1))
	words=$1
	probability=$2
	shift 2
	# shellcheck disable=SC2086
	run $RUN --kernel "$kernel" --timeout 140 $words "$PROGRAMS/failing_seeds" -r $first $last "$probability" 60 "$@"
	expect_status 0
	grep -a 'FAIL\|before\|seeds:' "$SCRATCH/out"
}

volumes="-m 1G $(python_volumes $python) -v $busybox:/bin/busybox -v $SCRATCH/program.py:/program.py"
seeds "$volumes" 300 $python -S -B /program.py
seeds "$volumes" 3000 $python -S -B /program.py
volumes="-m 3G $(toolchain_volumes) -v $SCRATCH/program.c:/program.c -e PATH=/usr/bin"
seeds "$volumes" 1000 /usr/bin/sh -c 'gcc -O1 -o program /program.c && ./program'
seeds "$volumes" 5000 /usr/bin/sh -c 'gcc -O1 -o program /program.c && ./program'
finish
