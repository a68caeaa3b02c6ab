printf 'a\nb\nc\nd\n' >f; sed '2d' f; sed -n '2p;$p' f; sed '2,3s/./X/' f; sed '/b/a\
after' f; sed '1i\
before' f; sed '/c/q' f; sed 'y/abc/xyz/' f; sed -e 's/a/1/' -e 's/1/2/' f; sed 's/\(.\)/<\1>/' f; sed '$!N; s/\n/+/' f; sed -n '/b/,/c/p' f; sed -i 's/d/D/' f; cat f; sed ':a; N; $!ba; s/\n/,/g' f; sed 's/[ac]/&&/g' f
