printf "one two\nthree\n" >f; sed s/o/0/g f; sed -n 2p f; sed -e 1d -e s/t/T/ f; sed "s/\(.*\) \(.*\)/\2 \1/" f; sed -i s/one/1/ f; cat f
