parse() {
	OPTIND=1 v=0 o= n=0
	while getopts vo:n: c "$@" 2>/dev/null; do
		case $c in v) v=$((v + 1)) ;; o) o=$OPTARG ;; n) n=$OPTARG ;; *) echo bad ;; esac
	done
	shift $((OPTIND - 1))
	echo "v=$v o=$o n=$n rest=$*"
}
parse -v -v -o out file; parse -vvn3 a b; parse -o 'a b' -- -v; parse -x; parse
