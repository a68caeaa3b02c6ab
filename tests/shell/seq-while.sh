i=10; while [ $i -gt 7 ]; do echo $i; i=$((i-1)); done; until [ $i -eq 9 ]; do i=$((i+1)); done; echo $i
