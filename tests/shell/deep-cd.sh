i=0
while [ $i -lt 12 ]; do mkdir "level$i" && cd "level$i"; i=$((i + 1)); done
pwd | tr / '\n' | grep -c level
echo bottom >f
i=0
while [ $i -lt 12 ]; do cd ..; i=$((i + 1)); done
find . -name f | tr / '\n' | wc -l
rm -r level0; ls
