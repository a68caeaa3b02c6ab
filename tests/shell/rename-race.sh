echo 0 >f
(while [ ! -e stop ]; do read x <f || echo missing; done >seen 2>&1; wc -l <seen >m) &
i=0; while [ $i -lt 20 ]; do echo $i >g; mv g f; i=$((i + 1)); done
: >stop; wait; cat m
