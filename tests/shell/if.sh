if false; then echo 1; elif true; then echo 2; else echo 3; fi; if :; then :; fi; echo $?; if ! true; then echo no; else echo yes; fi
