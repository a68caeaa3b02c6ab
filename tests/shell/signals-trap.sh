trap "echo int" INT; kill -INT $$; trap - INT; trap "echo usr" USR1; kill -USR1 $$; kill -USR1 $$; trap "" USR1; kill -USR1 $$; echo alive; trap "echo bye" EXIT
