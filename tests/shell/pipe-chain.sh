seq 1000 | sed -n "/7/p" | grep -v 0 | sort -n | uniq | awk "{s+=\$1} END {print s}"; seq 10 | tac 2>/dev/null | head -n 2; yes | head -n 3 | tr -d "\n"; echo
