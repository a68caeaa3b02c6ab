for w in apple banana 42 "" x.c; do case $w in a*) echo a;; [0-9]*) echo number;; "") echo empty;; *.c|*.h) echo source;; *) echo other;; esac; done
