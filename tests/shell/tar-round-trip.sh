mkdir -p d/e; seq 100 >d/a; echo x >d/e/b; ln -s a d/l; ln d/a d/h; chmod 750 d/e; touch -d @1000 d/a
tar cf t.tar d; tar tf t.tar | sort; mkdir x; tar xf t.tar -C x; diff -r d x/d && echo same; readlink x/d/l; ls -ld x/d/e | cut -c1-10; [ x/d/a -ef x/d/h ] && echo linked; ls -l --time-style=+%s x/d/a 2>/dev/null | cut -d' ' -f6; tar cf - d | tar tf - | wc -l
