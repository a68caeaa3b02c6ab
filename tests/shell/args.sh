f() { echo "$# $1 ${2-none} $*"; shift; echo "$@"; }
f a "b c" d; f
