x=$(echo a; echo b); echo "$x"; echo $x; y=`echo \`echo nested\``; echo $y; echo "$(echo "$(echo deep)")"
