for p in /a/b/c a/b c / //x/ a/; do echo "$(dirname $p) $(basename $p)"; done
