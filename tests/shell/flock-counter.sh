echo 0 >n
for w in 1 2 3; do
	(i=0; while [ $i -lt 5 ]; do
		(flock 9; read v <n; echo $((v + 1)) >n) 9>lock
		i=$((i + 1))
	done) &
done
wait; cat n
