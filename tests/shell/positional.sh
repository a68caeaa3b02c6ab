set -- a b c d e f g h i j k; echo ${10} $#; shift 9; echo $1; set --; echo $#; set -- "x y" z; for a; do echo "<$a>"; done; echo "$@" | wc -w
