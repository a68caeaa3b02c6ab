seq 5 | tee a b c | wc -l; cat a b c | wc -l; echo more | tee -a a >/dev/null; wc -l <a; seq 100000 | tee f | tail -n 1; echo y | tee d/none 2>/dev/null; echo $?
