printf 'one\ntwo\nThree\none two\n\n' >f
grep -c one f; grep -i three f; grep -v one f; grep -n two f; grep -o 'o.' f; grep -x one f; grep -E '^(one|two)$' f; grep -F '.' f; echo $?; grep -l one f; grep -q two f && echo found; grep -w two f; grep -e one -e Three f; grep -A1 two f; grep -m1 one f; grep x nofile 2>/dev/null; echo $?
