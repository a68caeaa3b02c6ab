p=/usr/local/lib/libx.so.1.2; echo ${p##*/} ${p%/*} ${p#/*/} ${p%%.*} ${p%.*} ${p##*.}; v=aXbXc; echo ${v#*X} ${v##*X} ${v%X*} ${v%%X*}; q='a*b'; echo "${q#a\*}" "${q%"*b"}"
