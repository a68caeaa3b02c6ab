mkfifo p; exec 3<>p
trap 'echo line >p' USR1
(sleep 0.1; kill -USR1 $$) &
while ! read x <&3; do :; done; echo "got $x"; wait
