mkdir d; echo x >d/f; ln -s d/f l; ln -s d dl; cat l dl/f; readlink l; ls -l l | sed 's/.*l -> /-> /'
ln -s loop loop; cat loop 2>/dev/null; echo $?; rm d/f; cat l 2>/dev/null; echo $?; [ -L l ] && [ ! -e l ] && echo dangling; echo new >l; cat d/f; cd dl; pwd -P | sed 's,.*/,,'; pwd -L | sed 's,.*/,,'; cd ..; rm dl; ls d
ln -sfn other l; readlink l; readlink -f d/../d/f | sed 's,.*/work/,,'
