f() { exit 3; }
(f); echo $?
x=$(exit 4); echo $?
echo | exit 5; echo $?
if (exit 6); then :; else echo $?; fi
sh -c 'f() { return 7; }; f'; echo $?
(trap 'echo bye' EXIT; exit 8); echo $?
