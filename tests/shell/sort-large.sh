seq 10000 | awk '{ print ($1 * 7919) % 10007 }' >f; sort -n f | cksum; sort f | cksum; sort -rn f | head -n 2; sort -n f | uniq | wc -l
