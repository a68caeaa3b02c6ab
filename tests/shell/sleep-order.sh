(sleep 0.3; echo c) & (sleep 0.2; echo b) & (sleep 0.1; echo a) & wait
