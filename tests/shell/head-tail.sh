seq 20 >f; head -n 3 f; tail -n 2 f; tail -n +19 f; head -c 5 f | wc -c; seq 100000 | head -n 1
