yes | head -n 3
(trap '' PIPE; yes 2>/dev/null; echo "ignored $?" >s) | head -n 1; cat s
{ yes; echo "status $?" >s; } | head -n 1; cat s
