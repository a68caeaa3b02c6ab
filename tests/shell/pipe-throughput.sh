head -c 3000000 /dev/zero | tr '\0' x | cat | wc -c; seq 60000 | tac | tac | cksum; seq 60000 | cksum
