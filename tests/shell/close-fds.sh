exec 3>f; echo a >&3; echo b >&3; exec 3>&-; cat f; (echo c >&3) 2>/dev/null || echo closed
