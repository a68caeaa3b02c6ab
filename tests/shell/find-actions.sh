mkdir -p a/b a/c; touch a/x.c a/b/y.c a/b/z.h a/c/w.c
find a -name '*.c' | sort; find a -type d | sort; find a -name '*.c' -exec basename {} \; | sort
find a -path '*/b/*' | sort; find a -name b -prune -o -type f -print | sort; find a -type f ! -name '*.c'
find a -name '*.h' -delete; find a -type f | wc -l; find a -depth -type d | tail -n 1; find a -maxdepth 1 | sort
