n=0
push() { eval "item_$n=\$1"; n=$((n + 1)); }
pop() { n=$((n - 1)); eval "top=\$item_$n"; }
for w in "one two" three 'four"s' '$five'; do push "$w"; done
while [ $n -gt 0 ]; do pop; echo "[$top]"; done
