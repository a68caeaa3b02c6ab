x=1; (x=2; cd /; umask 0); echo $x; [ "$PWD" != / ] && echo same; f() { x=5; }; (f); echo $x; f; echo $x
