readonly R=1; (R=2) 2>/dev/null; echo $?; echo $R; (unset R) 2>/dev/null; echo $R; sh -c 'echo ${R-none}'
