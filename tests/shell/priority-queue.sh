put() { echo "$1 $2" >>q; }
take() { sort -n q | head -n 1 | cut -d' ' -f2; sort -n q | tail -n +2 >q2; mv q2 q; }
put 5 e; put 1 a; put 3 c; take; put 2 b; take; take; take; [ -s q ] || echo empty
