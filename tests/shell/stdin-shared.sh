printf "1\n2\n3\n4\n" >f; { read a; sh -c "read b; echo child \$b"; read c; echo $a $c; } <f
