mkfifo a b; seq 1 5 >a & seq 3 7 >b & sort a b | uniq -d; wait
