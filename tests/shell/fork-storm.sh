i=0; while [ $i -lt 60 ]; do (exit 0); i=$((i+1)); done; echo $i; for i in $(seq 30); do echo $(echo $i); done | tail -n 1; for i in $(seq 20); do (exit 0) & done; wait; echo done
