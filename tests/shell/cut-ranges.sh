echo 'a:b:c:d:e' | cut -d: -f1,3-4; echo 'a:b:c' | cut -d: -f2-; echo abcdef | cut -c2-4; echo abcdef | cut -b-3
echo 'none' | cut -d: -f2; echo 'none' | cut -s -d: -f2
