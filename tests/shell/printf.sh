printf "%d %s %x %o %c %%\n" 10 str 255 8 hello; printf "%5d|%-5s|%05d\n" 42 ab 7; printf "%s\n" a b c; printf "\101\t.\n"; printf "%b\n" "a\tb"
