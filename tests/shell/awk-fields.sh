printf 'name:%s:%d\n' ann 30 bob 25 cid 41 | awk -F: '{ sum += $3; names = names " " $2 } END { print NR, sum / NR, names }'
printf '1 2\n3 4\n' | awk '{ for (i = NF; i; i--) printf "%s ", $i; print "" }'
