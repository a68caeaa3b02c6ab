mkfifo a b
(read x <a; echo "got $x"; echo reply >b) &
echo question >a; cat b; wait
