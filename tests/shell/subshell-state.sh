x=1; cd /; (x=2; cd /tmp; f() { echo f; }; set -- a; umask 0); echo $x; pwd; f 2>/dev/null || echo no f; echo $#
