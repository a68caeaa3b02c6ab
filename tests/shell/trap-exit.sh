(trap "echo cleanup" EXIT; exit 4); echo $?; sh -c "trap \"echo t\" TERM; kill \$\$; echo after"; (trap "echo err" EXIT; false); echo $?
