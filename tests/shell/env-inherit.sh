A=1; export B=2
sh -c 'echo "${A-none} $B"'
A=3 sh -c 'echo $A'; echo $A
env -i X=y /bin/sh -c 'echo "$X ${B-none}"'; env -u B sh -c 'echo ${B-none}'
B=changed; sh -c 'echo $B'; (B=sub; sh -c 'echo $B'); echo $B
