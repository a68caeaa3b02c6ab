echo 'the cat and the dog and the bird' | tr ' ' '\n' | sort | uniq -c | sort -k1,1nr -k2 | while read n w; do
	bar=; i=0; while [ $i -lt $n ]; do bar="$bar#"; i=$((i + 1)); done
	printf '%-5s %s\n' $w $bar
done
