mkfifo p
sh -c '(sleep 0.1; echo orphan >p) & exit 0'
cat p
