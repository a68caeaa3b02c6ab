roman() { n=$1 r=; for p in 1000:M 900:CM 500:D 400:CD 100:C 90:XC 50:L 40:XL 10:X 9:IX 5:V 4:IV 1:I; do while [ $n -ge ${p%:*} ]; do r=$r${p#*:}; n=$((n - ${p%:*})); done; done; echo $r; }
for y in 1994 2024 49 3999; do roman $y; done
