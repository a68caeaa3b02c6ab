trap 'stop=1' USR1; stop=; (sleep 0.1; kill -USR1 $$) &
while [ -z "$stop" ]; do sleep 0.02; done; echo stopped; wait
