exec 7>out
sh -c 'echo from child >&7'
(echo from subshell >&7)
exec 7>&-
cat out
sh -c 'echo x >&7' 2>/dev/null || echo closed
