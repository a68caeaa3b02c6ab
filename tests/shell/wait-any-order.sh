(sleep 0.2; exit 1) & a=$!; (exit 2) & b=$!; (sleep 0.1; exit 3) & c=$!
wait $c; echo $?; wait $a; echo $?; wait $b; echo $?
