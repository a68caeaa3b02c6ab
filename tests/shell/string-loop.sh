s=; i=0; while [ $i -lt 300 ]; do s="$s$i,"; i=$((i+1)); done; echo ${#s}; echo $s | tr , "\n" | tail -n 2 | head -n 1
