for i in 1 2 3 4 5 6 7 8; do (exit $i) & pids="$pids $!"; done
for p in $pids; do wait $p; printf "%s " $?; done; echo
