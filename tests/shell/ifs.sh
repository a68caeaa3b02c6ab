IFS=:; set -- a:b::c; for p in $1; do echo "<$p>"; done; x="1:2"; set -- $x; echo $2; IFS=" "; read a b <<E
  one   two three
E
echo "$a|$b"
