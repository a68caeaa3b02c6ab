(trap "" PIPE; echo x; sleep 0.1; echo y) 2>/dev/null | head -n 1; yes | head -n 1; (yes; echo $? >&2) 2>f | head -n 1 >/dev/null; cat f
