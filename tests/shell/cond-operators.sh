[ a = a ] && echo 1; [ a != b ] && echo 2; [ -z "" ] && echo 3; [ -n x ] && echo 4
[ 3 -gt 2 -a 2 -lt 3 ] && echo 5; [ ! 3 -gt 4 ] && echo 6; [ 10 -eq 010 ]; echo $?
[ "(" = "(" ] && echo 7; test; echo $?; test x; echo $?; [ ]; echo $?
