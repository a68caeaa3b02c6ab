seq 1000 >a; cp a b; cmp a b && echo same
printf X | dd of=b bs=1 seek=100 conv=notrunc 2>/dev/null
cmp a b; cmp -l a b; cmp -s a b; echo $?
head -c 50 a >c; cmp a c 2>&1
