seq 1 2000 | cksum
seq 1 2000 | base64 | base64 -d | cksum
printf 'a' | base64; printf 'ab' | base64; printf 'abc' | base64
