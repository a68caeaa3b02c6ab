# One reader at a time: read(1) takes a pipe byte by byte.
mkfifo jobs; exec 3<>jobs
worker() {
	while :; do
		exec 8>lock; flock 8; read j <&3; exec 8>&-
		[ "$j" = end ] && break
		echo "$j $((j * j))" >>results
	done
}
for w in 1 2 3; do worker & done
for j in 1 2 3 4 5 6 7 8 9 10; do echo $j >&3; done; for w in 1 2 3; do echo end >&3; done
wait; exec 3>&-; wc -l <results; sort -n results
