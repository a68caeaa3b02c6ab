yes | head -n 1000 | sort -u; yes no | head -c 30 | wc -l; yes a b | sed 3q; timeout 0.2 yes >/dev/null; echo $?
