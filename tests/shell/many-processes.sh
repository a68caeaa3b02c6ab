i=0; while [ $i -lt 25 ]; do sleep 0.2 & i=$((i + 1)); done; wait; echo all
i=0; while [ $i -lt 30 ]; do (exit $((i % 7))) & pids="$pids $!"; i=$((i + 1)); done
sum=0; for p in $pids; do wait $p; sum=$((sum + $?)); done; echo $sum
