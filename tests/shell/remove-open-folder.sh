mkdir d; (cd d; exec 3>f; rm f; echo hidden >&3; ls; rmdir ../d; ls; echo $?); ls
