: | cat | wc -c; true | false; echo $?; false | true; echo $?
