n=0; seq 5 | while read x; do n=$((n + x)); done; echo $n; seq 5 >f; while read x; do n=$((n + x)); done <f; echo $n; n=$(seq 5 | { s=0; while read x; do s=$((s + x)); done; echo $s; }); echo $n
