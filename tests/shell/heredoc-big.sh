i=0; while [ $i -lt 500 ]; do echo "line $i of a here-document that is larger than a pipe"; i=$((i+1)); done >f; x=$(cat f f f); cat <<E | wc -lc | tr -s " "
$x
E
