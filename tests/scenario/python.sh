#!/bin/sh
# summary: the host's Python runs a program with threads, processes, signals and files, and prints what it prints there
# matrix: cpus
# timeout: 120
#
# Seen to fail: with "cpus" printed, which differs.
. "$(dirname "$0")/../scenario/common.inc"
. "$(dirname "$0")/toolchain.inc"

python=/usr/bin/python3
[ -x "$python" ] || skip "the host has no $python"

cat >"$SCRATCH/program.py" <<'END'
import hashlib, json, os, queue, signal, subprocess, sys, tempfile, threading, time

print(json.dumps({"version": sys.version_info[:2], "sum": sum(range(1000))}))
print(hashlib.sha256(b"airlock" * 1000).hexdigest())

results = queue.Queue()
threads = [threading.Thread(target=lambda n=n: results.put(n * n)) for n in range(20)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results.get() for _ in threads))

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.write(w, b"from the child")
    os._exit(7)
print(os.read(r, 100), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

rung = []
signal.signal(signal.SIGALRM, lambda n, f: rung.append(print("alarm")))
signal.setitimer(signal.ITIMER_REAL, 0.05)
while not rung:
    time.sleep(0.1)

with tempfile.NamedTemporaryFile("w+", dir=".", delete=False) as f:
    f.write("line\n" * 3)
    f.seek(0)
    print(f.readlines())
os.unlink(f.name)
print(subprocess.run([sys.executable, "-S", "-c", "print('child'); raise SystemExit(3)"], capture_output=True))
try:
    open("/nonexistent")
except OSError as e:
    print(e)
END

mkdir "$SCRATCH/work"
title "on the host"
run env -C "$SCRATCH/work" "$python" -S -B "$SCRATCH/program.py"
expect_status 0
want=$(cat "$SCRATCH/out")

title "in the guest"
# The program starts itself again by its path.
# shellcheck disable=SC2046
run $RUN -m 1G $(python_volumes "$python") -v "$SCRATCH/program.py:/program.py" -w /tmp "$python" -S -B /program.py
expect_status 0
expect_no_err
expect_out "$want"
finish
