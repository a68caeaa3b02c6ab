exec 8>lock; flock 8
flock -n lock true; echo "taken $?"
exec 8>&-
flock -n lock echo free
flock -s lock sh -c 'flock -s -n lock echo shared; flock -n lock true; echo $?'
