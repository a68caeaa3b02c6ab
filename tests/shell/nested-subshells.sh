(((echo deep; exit 3); echo $?; exit 4); echo $?); x=1; (x=2; (x=3; echo $x); echo $x); echo $x
