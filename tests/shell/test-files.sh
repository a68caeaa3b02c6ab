: >e; echo x >f; mkdir d; ln -s f l; for t in e f d s r w x L p; do for n in e f d l nothing; do [ -$t $n ] && printf "%s%s " $t $n; done; done; echo; [ f -nt e ] || [ e -nt f ] || echo same
