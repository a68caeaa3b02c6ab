gcd() { a=$1 b=$2; while [ $b -ne 0 ]; do t=$((a % b)); a=$b b=$t; done; echo $a; }
gcd 48 18; gcd 17 5; gcd 1071 462
n=2
while [ $n -lt 60 ]; do
	d=2 prime=1
	while [ $((d * d)) -le $n ]; do [ $((n % d)) -eq 0 ] && { prime=0; break; }; d=$((d + 1)); done
	[ $prime = 1 ] && printf '%d ' $n
	n=$((n + 1))
done
echo
