for m in 000 644 755 2755 1777; do : >f; chmod $m f; ls -l f | cut -c1-10; rm -f f; done
