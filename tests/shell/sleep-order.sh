mkfifo p q; (read x <q; echo c) & (read x <p; echo b; echo >q) & (sleep 0.1; echo a; echo >p) & wait
