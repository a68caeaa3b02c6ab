seq 5 | while read n; do echo $((n*n)); done; seq 3 | { read a; read b; echo $b$a; cat; }; n=0; seq 3 | while read x; do n=$x; done; echo $n
