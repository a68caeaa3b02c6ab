seq 1000 >f; split -l 300 f part; ls part*; cat part* | cmp - f && echo same; split -b 1000 f b; wc -c bab | cut -d' ' -f1; cat b?? | cmp - f && echo same
