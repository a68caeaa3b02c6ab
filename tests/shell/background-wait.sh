(exit 5) & p=$!
(exit 6) & q=$!
wait $p; echo $?
wait $q; echo $?
wait; echo $?
