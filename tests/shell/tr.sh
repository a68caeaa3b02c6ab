echo hello | tr a-y b-z; echo aabbcc | tr -s a-c; echo a1b2 | tr -d 0-9; echo x | tr x "\n" | wc -l; echo CASE | tr "[:upper:]" "[:lower:]"
