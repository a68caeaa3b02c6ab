setsid sh -c 'echo in session'; setsid sh -c 'exit 5'; echo $?
setsid sh -c 'read pid name state ppid pgrp session rest </proc/self/stat; [ $pgrp = $session ] && echo leader'
