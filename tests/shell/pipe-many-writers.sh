(for w in 1 2 3 4; do (i=0; while [ $i -lt 100 ]; do echo "$w-$i"; i=$((i + 1)); done) & done; wait) | sort -t- -k1,1n -k2,2n | cksum
