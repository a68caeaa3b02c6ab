touch 'a b' 'c*d' './-e' '[f]' 'g"h' "i'j" .hidden
for f in *; do echo "<$f>"; done | sort
ls -A | wc -l; echo .h*; rm -- -e 'c*d'; ls | wc -l; echo \[f]; set -f; echo *; set +f; echo zz* 'q'?
