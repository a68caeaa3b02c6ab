true && echo 1 || echo 2; false && echo 3 || echo 4; ! true; echo $?; { false; true; } && echo 5; (true; false) || echo 6
