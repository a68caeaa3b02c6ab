sh -c "trap \"echo term; exit 3\" TERM; kill -TERM \$\$; sleep 1"; echo $?
