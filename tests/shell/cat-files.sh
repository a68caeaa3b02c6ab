printf "one\ntwo\n" >a; printf three >b; cat a b - <a; echo; cat nothing 2>/dev/null; echo $?
