printf 'a\0b\0' | tr '\0' '\n'; printf 'a\0b' | wc -c; printf 'x\0y' >f; cmp f f && echo same; cat f | od -An -c; find . -print0 | tr '\0' '\n'; grep -c x f
