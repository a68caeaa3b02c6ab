for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 5 ] && break; echo $i; done
while :; do while :; do break 2; done; done; echo out
