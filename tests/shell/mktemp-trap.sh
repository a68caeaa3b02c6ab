d=$(mktemp -d ./tmp.XXXXXX); [ -d "$d" ] && echo made; ls -ld "$d" | cut -c1-10
sh -c 't=$(mktemp ./t.XXXXXX); trap "rm -f $t" EXIT; echo x >$t; ls t.* | wc -l'; ls t.* 2>/dev/null | wc -l
rmdir "$d"; ls
