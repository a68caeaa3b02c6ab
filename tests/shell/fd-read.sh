printf "1\n2\n3\n" >f; exec 4<f; read a <&4; read b <&4; echo $b $a; cat <&4; exec 4<&-
