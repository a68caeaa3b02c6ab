echo gone >/dev/null; cat /dev/null | wc -c; head -c 1000 /dev/zero | wc -c; head -c 3 /dev/zero | od -An -tx1 | tr -d " "
