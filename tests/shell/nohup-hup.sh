nohup sh -c 'kill -HUP $$; echo survived' 2>/dev/null
sh -c 'trap "" HUP; sh -c "kill -HUP \$\$; echo inherited"'
sh -c 'trap "echo caught" HUP; kill -HUP $$; echo after'
