sh -c 'echo $PPID' | { read p; [ "$p" -gt 0 ] && echo parent; }
a=$(sh -c 'echo $$'); b=$(sh -c 'echo $$'); [ "$a" != "$b" ] && echo differ
(sh -c 'echo $PPID'; :) | { read x; [ "$x" != "$$" ] && echo subshell; }
[ "$$" = "$( (echo $$) )" ] && echo same
