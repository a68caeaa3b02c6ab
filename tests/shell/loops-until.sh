n=10; until [ $n -le 0 ]; do printf '%d ' $n; n=$((n - 3)); done; echo
until true; do echo never; done
i=0; while :; do i=$((i + 1)); [ $i -gt 5 ] && break; [ $((i % 2)) = 0 ] && continue; echo $i; done
