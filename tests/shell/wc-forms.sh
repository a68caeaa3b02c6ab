printf 'one two\nthree\n' >f; wc f; wc -l f; wc -w <f; wc -c f; wc f f | tail -n 1; printf 'no newline' | wc -l
