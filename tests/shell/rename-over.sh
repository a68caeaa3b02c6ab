echo a >a; echo b >b; exec 3<b; mv a b; cat b; cat <&3; ls
