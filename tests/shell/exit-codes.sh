for n in 0 1 2 126 255 256 300; do (exit $n); echo $?; done; sh -c "kill -TERM \$\$"; echo $?; nosuchcommand 2>/dev/null; echo $?; ./ 2>/dev/null; echo $?
