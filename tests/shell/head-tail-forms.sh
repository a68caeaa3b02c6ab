seq 100 | head -n -97; seq 100 | tail -n +99; seq 100 | head -c 10; echo; seq 100 | tail -c 4; seq 5 | tail -n 2 | head -n 1; seq 10 >a; seq 20 21 >b; head -n 1 a b; tail -n 1 a b
