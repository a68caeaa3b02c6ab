mkdir a; mkdir a 2>/dev/null; echo $?; mkdir -p a/b/c; mkdir x/y 2>/dev/null || echo no; rmdir a 2>/dev/null || echo full; rmdir a/b/c; ls a; rm -r a; ls
