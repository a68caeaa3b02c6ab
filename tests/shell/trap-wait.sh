trap "echo usr1" USR1; (sleep 0.1; kill -USR1 $$; sleep 0.1) & p=$!; wait $p; r=$?; wait $p; [ $r -gt 128 ] && echo interrupted
