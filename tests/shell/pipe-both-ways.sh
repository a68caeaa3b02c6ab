{ echo out; echo err >&2; } 2>&1 | sort; { echo out; echo err >&2; } 2>/dev/null | cat; { { echo out; echo err >&2; } | sed s/^/1/; } 2>&1 | sed s/^/2/ | sort
