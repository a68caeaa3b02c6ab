umask 022; : >f; mkdir d; ls -ld f d | cut -c1-10
umask 077; : >g; ls -l g | cut -c1-10; (umask 0; : >h; ls -l h | cut -c1-10); umask
chmod u=rwx,g=rx,o= f; ls -l f | cut -c1-10; chmod a-x,o+w f; ls -l f | cut -c1-10; chmod 4755 f; ls -l f | cut -c1-10; chmod 1777 d; ls -ld d | cut -c1-10
