for i in 1 2 3; do echo $i; echo e$i >&2; done >out 2>err
cat out err
while read l; do echo "<$l>"; done <out >again; cat again
if true; then echo yes; fi >cond; cat cond
