mkfifo to from
while read a b; do echo $((a + b)); done <to >from &
exec 3>to 4<from
for i in 1 2 3 4 5; do echo "$i $i" >&3; read sum <&4; echo "sum $sum"; done
exec 3>&- 4<&-
wait; echo done
