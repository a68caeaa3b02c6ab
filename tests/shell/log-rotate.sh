rotate() { i=3; while [ $i -gt 1 ]; do j=$((i - 1)); [ -f log.$j ] && mv log.$j log.$i; i=$j; done; [ -f log ] && mv log log.1; :; }
for n in 1 2 3 4 5; do echo "entry $n" >log; rotate; done
ls log*; cat log.1 log.3
