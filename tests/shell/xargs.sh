seq 10 | xargs echo; seq 6 | xargs -n 2 echo; printf "a b\nc\n" | xargs -I{} echo "<{}>"; seq 4 | xargs -P 4 -n 1 sh -c "exit 0"; echo $?; echo x | xargs false; echo $?
