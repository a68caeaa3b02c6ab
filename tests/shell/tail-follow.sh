echo 1 >f; tail -f f >out 2>/dev/null & p=$!
while [ ! -s out ]; do sleep 0.02; done
echo 2 >>f; while [ "$(wc -l <out)" -lt 2 ]; do sleep 0.02; done; kill $p; wait $p 2>/dev/null; cat out
