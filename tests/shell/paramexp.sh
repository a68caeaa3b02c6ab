x=path/to/file.tar.gz; echo ${x##*/} ${x%/*} ${x%%.*} ${x#*.} ${x##*.}; echo ${y:-d} ${y:=e} $y ${y:+f} ${#x}; (unset z; echo ${z?gone}) 2>/dev/null || echo failed
