a=0 b=1 i=0
while [ $i -lt 90 ]; do c=$((a + b)); a=$b; b=$c; i=$((i + 1)); done
echo $a
fib() { if [ "$1" -lt 2 ]; then echo "$1"; else echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); fi; }
fib 7
