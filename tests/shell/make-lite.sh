cat >build.sh <<'E'
build() {
	[ -f "$1.o" ] && [ ! "$1.c" -nt "$1.o" ] && { echo "$1 up to date"; return; }
	echo "building $1"; cp "$1.c" "$1.o"; touch -r "$1.c" "$1.o"
}
for t in a b; do build "$t"; done
E
touch -d @1000 a.c b.c; . ./build.sh; . ./build.sh; touch -d @2000 b.c; . ./build.sh
