{ head -c 300000 /dev/zero; echo done >s; } | { sleep 0.1; wc -c; }; cat s
head -c 200000 /dev/zero | tr '\0' 'a' | fold -w 1000 | wc -l
