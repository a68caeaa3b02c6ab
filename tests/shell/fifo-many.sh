mkfifo p
(i=0; while [ $i -lt 20 ]; do echo "line $i"; i=$((i + 1)); done >p) &
cat p | tail -n 2; wait
exec 3<>p
for w in 1 2 3; do (echo "from $w" >p) & done
wait
for w in 1 2 3; do read l <&3; echo "$l"; done | sort
[ -p p ] && echo fifo
