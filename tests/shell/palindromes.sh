rev_word() { r=; w=$1; while [ -n "$w" ]; do r=${w%"${w#?}"}$r; w=${w#?}; done; echo "$r"; }
for w in level hello noon abc a; do [ "$(rev_word $w)" = $w ] && echo "$w yes" || echo "$w no"; done
