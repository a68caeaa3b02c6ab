for f in 3 4 5 6 7 8 9; do eval "exec $f>file$f"; done
for f in 3 4 5 6 7 8 9; do eval "echo to $f >&$f"; done
for f in 3 4 5 6 7 8 9; do eval "exec $f>&-"; done
cat file3 file4 file5 file6 file7 file8 file9
