echo data >a; cp a b; mv b c; cat c; [ -e b ] || echo gone; mkdir d; cp a c d; ls d; mv d e; ls e; cp -r e f; ls f
