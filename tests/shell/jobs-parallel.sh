for i in 1 2 3 4 5 6 7 8; do
	(r=0; j=0; while [ $j -lt 200 ]; do r=$(((r * 31 + i + j) % 65521)); j=$((j + 1)); done; echo $r >r$i) &
done
wait
cat r1 r2 r3 r4 r5 r6 r7 r8
