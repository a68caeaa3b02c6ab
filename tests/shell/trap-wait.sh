trap u=usr1 USR1; (until [ -e done ]; do kill -USR1 $$; sleep 0.1; done) & p=$!; wait $p; r=$?; : >done; until wait $p; do :; done; echo $u; [ $r -gt 128 ] && echo interrupted
