fact() { if [ "$1" -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
for n in 0 1 5 10 15 20; do echo "$n! = $(fact $n)"; done
