exec 2>/dev/null; sleep 100 & p=$!; kill $p; wait $p; echo $?; sleep 100 & p=$!; kill -9 $p; wait $p; echo $?; kill -0 $p 2>/dev/null || echo gone
