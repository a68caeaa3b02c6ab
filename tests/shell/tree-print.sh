show() { for e in "$1"/*; do [ -e "$e" ] || continue; printf '%s%s\n' "$2" "${e##*/}"; [ -d "$e" ] && show "$e" "$2  "; done; }
mkdir -p p/src/lib p/doc; touch p/src/main p/src/lib/util p/doc/readme p/top; show p ''
