printf "k1=v1\nk2=v2\n" >f; while IFS== read k v; do echo "$v<-$k"; done <f; while read l; do case $l in *2) break;; esac; echo $l; done <f
