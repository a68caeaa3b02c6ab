false | true; echo $?; true | false; echo $?; (exit 3) | (exit 4) | (exit 5); echo $?; ! true | false; echo $?
{ sleep 0.1; echo late; } | cat; echo | { sleep 0.05; cat; }
