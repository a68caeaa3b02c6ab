IFS=:; set -- $(echo a:b::c); echo $#; unset IFS
line='  lead and  trail  '; echo $line; echo "$line"
printf '%s\n' 'x=1;y=2' | { IFS='=;' read a b c d; echo "$a|$b|$c|$d"; }
IFS=,; v=a,b,c; for p in $v; do echo $p; done; IFS=' '; echo "$v" $v
