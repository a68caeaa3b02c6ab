down() { if [ "$1" -gt 0 ]; then down $(($1 - 1)); echo "$1"; fi; }
down 60 | tail -n 2
count() { [ "$1" -eq 0 ] || { count $(($1 - 1)); total=$((total + 1)); }; }
total=0; count 100; echo $total
