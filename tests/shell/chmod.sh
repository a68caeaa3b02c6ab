echo x >f; chmod 640 f; ls -l f | cut -c1-10; chmod u+x,g-r f; ls -l f | cut -c1-10; umask 077; : >g; ls -l g | cut -c1-10
