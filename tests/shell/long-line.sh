x=a; i=0; while [ $i -lt 14 ]; do x=$x$x; i=$((i+1)); done; echo ${#x}; echo $x | wc -c; printf %s "$x" | tail -c 3; echo
