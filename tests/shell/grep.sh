printf "alpha\nbeta\ngamma\n" >f; grep a$ f | wc -l; grep -v a f; echo $?; grep -c m f; grep -n et f; grep -q zeta f || echo absent; grep -o "a." f | sort | uniq | tr "\n" " "; echo
