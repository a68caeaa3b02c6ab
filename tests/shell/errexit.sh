sh -ec "false; echo no"; echo $?; sh -ec "false || true; echo yes"; sh -ec "if false; then :; fi; echo still"
