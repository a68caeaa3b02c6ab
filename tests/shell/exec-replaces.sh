(exec sh -c 'echo replaced'; echo never)
(exec 2>/dev/null; nosuchcommand; echo $?)
sh -c 'exec sh -c "exit 12"'; echo $?
sh -c 'echo $$; exec sh -c "echo \$\$"' | uniq | wc -l
