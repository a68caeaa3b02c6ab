seq 12 | xargs -P 4 -n 1 sh -c 'sleep 0.0$(($0 % 5)); [ $0 != 7 ]'; echo $?; seq 200 | xargs -P 4 -n 10 echo | wc -w
