echo "x=from; f() { echo f-\$1; }" >lib; . ./lib; echo $x; f y; (. ./nothing) 2>/dev/null; [ $? -ne 0 ] && echo failed
