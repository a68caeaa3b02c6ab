printf 'a\nb\nc\nd\n' | while read x; do echo "outer $x"; read y && echo "inner $y"; done
for i in 1 2; do read x; echo $x; done <<E
l1
l2
E
