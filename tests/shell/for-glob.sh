: >x1; : >x2; : >y1; for f in x*; do echo $f; done; echo *1; echo [xy]2; echo nothing*; echo "*"
