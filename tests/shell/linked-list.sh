add() { eval "next_$1=\$head value_$1=\$2"; head=$1; }
head=0; i=1
for w in red green blue; do add $i $w; i=$((i + 1)); done
at=$head
while [ $at != 0 ]; do eval "echo \$value_$at; at=\$next_$at"; done
