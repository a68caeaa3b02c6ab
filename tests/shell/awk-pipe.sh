awk 'BEGIN { while (("seq 5" | getline x) > 0) s += x; print s; print "c\na\nb" | "sort"; close("sort"); system("exit 3"); print "end" }'
