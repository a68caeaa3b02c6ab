umask 022; umask; x=$(umask 077; umask); echo $x; umask
