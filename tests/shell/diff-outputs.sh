seq 10 >a; sed 's/5/five/; 8d' a >b; echo extra >>b
diff a b; echo $?
diff -u a b | tail -n +3; diff -q a b; diff a a; echo $?
mkdir x y; cp a x/f; cp b y/f; touch x/only; diff -r x y | grep -v '^[<>]'
