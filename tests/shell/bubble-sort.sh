set -- 5 3 9 1 7 2 8
sorted=
while [ $# -gt 0 ]; do
	min=$1
	for v; do [ "$v" -lt "$min" ] && min=$v; done
	sorted="$sorted $min"
	rest=; taken=
	for v; do
		if [ "$v" = "$min" ] && [ -z "$taken" ]; then taken=1; else rest="$rest $v"; fi
	done
	set -- $rest
done
echo $sorted
