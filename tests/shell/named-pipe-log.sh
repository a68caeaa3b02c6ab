mkfifo log
(n=0; while read l; do n=$((n + 1)); echo "$n $l"; done <log >collected) & reader=$!
exec 5>log
for i in 1 2 3; do (echo "message $i" >&5); done
exec 5>&-
wait $reader; cat collected
