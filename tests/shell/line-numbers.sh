seq 5 | while read n; do echo "$n: line"; done | sed -n '2,4p'
seq 5 | sed = | sed 'N; s/\n/ /'; seq 3 | cat -n; seq 3 | awk '{ print FNR, $0 }'
