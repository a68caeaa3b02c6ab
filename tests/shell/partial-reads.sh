(printf a; sleep 0.05; printf b; sleep 0.05; echo c) | cat
(printf 'no newline') | { read x; echo "$? [$x]"; }
printf '1\n2\n3' | while read x; do echo "[$x]"; done; printf '1\n2' | { while read x || [ -n "$x" ]; do echo "<$x>"; done; }
