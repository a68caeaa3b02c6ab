seq -s ' ' 60 | fold -w 40; seq -s ' ' 30 | fold -s -w 20; printf 'a\nb\n' | nl; seq 6 | paste - - -; seq 3 | paste -sd+ -
