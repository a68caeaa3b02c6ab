mkdir d; i=0; while [ $i -lt 500 ]; do : >d/f$i; i=$((i + 1)); done
ls d | wc -l; echo d/f4? | wc -w; rm d/f*5; ls d | wc -l; rm -r d; ls
