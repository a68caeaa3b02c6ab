seq 1 10000 >f
dd if=f of=a bs=1000 skip=3 count=4 2>/dev/null; wc -c <a; head -n 1 a
dd if=f of=b bs=512 2>/dev/null; cksum <b
dd if=/dev/zero bs=1k count=64 2>/dev/null | tr '\0' z | cksum
dd if=a of=c bs=1 count=10 seek=5 2>/dev/null; od -An -c c
