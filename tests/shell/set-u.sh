sh -uc "echo \$nope" 2>/dev/null; echo $?; sh -uc "echo \${nope-ok}"
