echo x >a; ln a b; ln -s a c; cat b c; readlink c; rm a; cat b; cat c 2>/dev/null || echo dangling; [ -L c ] && echo link; ln -s loop loop; cat loop 2>/dev/null; echo $?
