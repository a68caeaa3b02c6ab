printf 'a\na\nb\nc\nc\nc\na\n' >f; uniq f; uniq -c f | sed 's/^ *//'; uniq -d f; uniq -u f; sort f | uniq | wc -l; printf '1 x\n2 x\n3 y\n' | uniq -f1; printf 'A\na\n' | uniq -i
