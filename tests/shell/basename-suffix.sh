basename /a/b/c.txt .txt; basename c.txt; basename /; basename a/
for p in /usr/lib/x.so x ./y/; do echo "${p##*/}|${p%/*}"; done
