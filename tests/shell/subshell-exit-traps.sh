(trap 'echo sub' EXIT); trap 'echo main' EXIT; (echo in sub); (trap - EXIT; exit 2); echo $?
