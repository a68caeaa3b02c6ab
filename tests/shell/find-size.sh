mkdir d; head -c 5000 /dev/zero >d/a; head -c 100 /dev/zero >d/b; : >d/c
find d -type f -size +1k; find d -type f -empty; find d -type f -size -1; find d -type f | wc -l
