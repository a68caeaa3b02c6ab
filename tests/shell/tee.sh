echo data | tee a b | tr a-z A-Z; cat a b; echo more | tee -a a >/dev/null; wc -l <a
