get() { eval "echo \$$1_$2_$3"; }
for r in 0 1 2; do for c in 0 1 2; do eval "a_${r}_$c=$((r + c)) b_${r}_$c=$((r * c + 1))"; done; done
for r in 0 1 2; do
	for c in 0 1 2; do
		s=0
		for k in 0 1 2; do s=$((s + $(get a $r $k) * $(get b $k $c))); done
		printf '%3d ' $s
	done
	echo
done
