trap '' USR1; sh -c 'kill -USR1 $$; echo still here'; trap - USR1; (sh -c 'kill -USR1 $$; echo never'; echo $?) 2>/dev/null
