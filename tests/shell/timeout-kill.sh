timeout 0.1 sleep 10; echo $?; timeout 50 true; echo $?; timeout 50 sh -c 'exit 3'; echo $?; (timeout -s KILL 0.1 sleep 10; echo $?) 2>/dev/null; timeout 50 nosuch 2>/dev/null; echo $?
