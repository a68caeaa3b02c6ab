mkdir in out; for i in 3 1 2; do echo job$i >in/$i; done
for j in in/*; do mv $j out; echo "did $(cat out/${j#in/})"; done; ls in out
