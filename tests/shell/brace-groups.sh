{ echo a; echo b; } | { read x; echo "x=$x"; cat; }
{ exit 3; } | { cat; exit 4; }; echo $?
! { false; }; echo $?
