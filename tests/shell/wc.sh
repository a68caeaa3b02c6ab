printf "a b\nc\n" | wc | tr -s " "; printf "" | wc -l; echo "one two three" | wc -w; printf "no newline" | wc -l
