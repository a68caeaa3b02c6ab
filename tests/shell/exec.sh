(exec echo replaced; echo never); sh -c "exec false"; echo $?; (exec 3<&0; exec 0</dev/null; wc -c)
