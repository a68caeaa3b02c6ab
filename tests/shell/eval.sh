x="echo \$y"; y=5; eval $x; eval "z=3; echo $((z+1))"; eval "f() { echo f; }"; f
