qs() {
	[ $# -le 1 ] && { echo "$@"; return; }
	pivot=$1; shift; lo= hi=
	for v; do if [ $v -lt $pivot ]; then lo="$lo $v"; else hi="$hi $v"; fi; done
	set -- "$pivot" "$hi" $lo
	p=$1 h=$2; shift 2
	echo $(qs "$@") $p $(qs $h)
}
qs 9 4 7 1 8 2 6 3 5
