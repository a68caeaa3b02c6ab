grade() { if [ $1 -ge 90 ]; then echo A; elif [ $1 -ge 80 ]; then echo B; elif [ $1 -ge 70 ]; then echo C; else echo F; fi; }
for s in 95 85 75 10; do grade $s; done
if false; then echo x; fi; echo $?
if ! true; then echo x; else echo y; fi
