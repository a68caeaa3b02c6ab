head -c 3000000 /dev/zero | tr "\0" x | wc -c; seq 200000 | cksum; seq 50000 | sort -rn | sort -n | cksum
