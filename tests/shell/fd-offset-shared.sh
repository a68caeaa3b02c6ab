seq 10 >f
exec 3<f
read a <&3; (read b <&3; echo "sub $b"); read c <&3; echo "$a $c"
exec 3<&-
exec 4>g; echo 1 >&4; (echo 2 >&4); sh -c 'echo 3 >&4'; echo 4 >&4; exec 4>&-; cat g
