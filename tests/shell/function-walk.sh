walk() {
	for e in "$1"/*; do
		if [ -d "$e" ]; then walk "$e"; elif [ -f "$e" ]; then echo "$e"; fi
	done
}
mkdir -p r/a/b r/c; touch r/1 r/a/2 r/a/b/3 r/c/4; walk r
