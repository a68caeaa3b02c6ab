seq 100 | awk '{ s += $1; q += $1 * $1 } END { print s, q, s / NR }'; s=0; for i in $(seq 100); do s=$((s + i)); done; echo $s; seq 100 | paste -sd+ - | sed 's/.*/echo $((&))/' | sh
