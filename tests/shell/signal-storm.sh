trap 'n=$((n + 1))' USR1; n=0; i=0; while [ $i -lt 50 ]; do kill -USR1 $$; i=$((i + 1)); done; echo $n
