a=1 b=2; echo $a$b "${a}x"; readonly r=1; (r=2) 2>/dev/null || echo refused; unset a; echo "<$a>"; x=y; eval echo \$$x
