printf 'a 1\nb 2\nd 4\n' >x; printf 'a A\nc C\nd D\n' >y
join x y; join -v1 x y; join -a2 x y
cut -d' ' -f1 x >kx; cut -d' ' -f1 y >ky; comm kx ky; comm -12 kx ky
