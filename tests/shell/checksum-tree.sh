mkdir -p t/a/b t/c
for f in t/1 t/a/2 t/a/b/3 t/c/4; do seq ${f##*/} 100 >$f; done
find t -type f | sort | xargs cksum
cp -R t u; mv u/a u/z
(cd u; find . -type f | sort | xargs cksum)
