echo "a b c" | (read x y; echo "$x/$y"); printf "no newline" | (read l; echo "$? $l"); printf "a\\\\b\n" | (read -r l; echo "$l"); read e </dev/null; echo $?
