echo 'single $x' "double \$x" back\ slash; x='a  b'; echo $x; echo "$x"; echo 'it'\''s'; echo "a"'b'c
