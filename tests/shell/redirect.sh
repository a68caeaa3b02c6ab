echo a >f; echo b >>f; cat <f; cat <f >g; wc -l <g; cat nothing 2>err; [ -s err ] && echo said; echo x 2>&1 >/dev/null; { echo 1; echo 2; } >h; cat h; : >h; wc -c <h
