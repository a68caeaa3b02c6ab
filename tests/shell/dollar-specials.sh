set -- a "b c" d
echo $# "$*" "$@"; IFS=-; echo "$*"; unset IFS
for x in "$@"; do echo "[$x]"; done; for x in $*; do echo "<$x>"; done
shift 2; echo "$1 $#"; f() { echo "$# $1 ${0##*/}"; }; f x y
true; echo $?; false; echo $?; (exit 9); echo $?
