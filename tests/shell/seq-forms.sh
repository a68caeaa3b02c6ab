seq 3; seq 2 4; seq 10 -3 1; seq -w 8 11; seq -s, 5; seq 5 1 | wc -l
