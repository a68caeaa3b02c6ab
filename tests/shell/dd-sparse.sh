dd if=/dev/zero of=s bs=1 count=1 seek=1048575 2>/dev/null; wc -c <s; tr -d '\0' <s | wc -c
printf end >>s; tail -c 3 s; echo; wc -c <s
truncate -s 10 s; od -An -tx1 s
