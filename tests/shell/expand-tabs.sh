printf 'a\tb\tc\n' | expand | od -An -c
printf 'a\tb\n' | expand -t 4; printf '        x\n' | unexpand -a | od -An -c
