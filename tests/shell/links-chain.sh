mkdir -p a/b/c; echo deep >a/b/c/f; ln -s b/c/f a/l1; ln -s a/l1 l2; cat l2; readlink -f l2 | sed 's,.*/work/,,'
i=0; prev=l2; while [ $i -lt 20 ]; do ln -s $prev c$i; prev=c$i; i=$((i + 1)); done; cat c19
i=0; while [ $i -lt 25 ]; do ln -s $prev y$i; prev=y$i; i=$((i + 1)); done; cat y24 2>/dev/null; echo $?
