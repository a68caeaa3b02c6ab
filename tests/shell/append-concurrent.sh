for w in 1 2 3 4 5 6 7 8; do
	(i=0; while [ $i -lt 50 ]; do echo "$w $i" >>log; i=$((i + 1)); done) &
done
wait
wc -l <log
sort -k1,1n -k2,2n log | cksum
for w in 1 8; do grep "^$w " log | awk '$2 != n++ { print "out of order" }'; done
