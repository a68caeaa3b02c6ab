printf '\000\001\377abc\n' | od -An -tx1; printf 'AB' | od -An -tu2; seq 3 | od -c; printf '0123456789abcdefXYZ' | od -Ad -tx1 | head -n 2
