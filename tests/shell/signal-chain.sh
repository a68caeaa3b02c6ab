sh -c 'trap "echo one; kill -USR2 \$\$" USR1; trap "echo two" USR2; kill -USR1 $$; echo end'
