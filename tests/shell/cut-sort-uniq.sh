printf "b 2\na 1\nb 3\nc 1\n" >f; cut -d" " -f1 f | sort | uniq -c | sed "s/^ *//"; sort -k2n -k1 f; sort -r f | head -n 1
