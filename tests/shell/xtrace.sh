sh -xc "x=1; echo \$x" 2>&1
