true & wait $!; echo $?; false & wait $!; echo $?; wait 99999 2>/dev/null; echo $?; (sleep 0.1; exit 7) & wait $!; echo $?
