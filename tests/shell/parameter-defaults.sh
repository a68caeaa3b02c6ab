unset u; e=; s=set
echo "${u-d} ${e-d} ${s-d}"; echo "${u:-d} ${e:-d} ${s:-d}"; echo "${u+a} ${e+a} ${s+a}"; echo "${u:+a} ${e:+a} ${s:+a}"
echo "${u:=given} $u"; (echo "${x:?no x}") 2>/dev/null; echo $?; echo ${#s} ${#u}
