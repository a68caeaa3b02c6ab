echo kept >f; exec 3<f; rm f; cat <&3; [ -e f ] || echo gone
