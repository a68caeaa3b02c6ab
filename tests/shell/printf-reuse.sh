printf '%s-%s\n' a b c d e; printf '%d\n' 1 2 3; printf '[%5s|%-5s|%.2s]\n' abc abc abc; printf '%s'; printf '%d %s\n' 7; printf '%i\n' "'A"; printf '%u\n' 42
