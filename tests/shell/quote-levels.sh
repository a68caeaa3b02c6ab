echo "a 'b' \"c\" \$d \`e\`"; echo 'a "b" $c'; echo a\ b\'c\"d; echo "$(echo "in $(echo "deeper")")"; x='a  b'; echo $x "$x" '$x'; echo ""'' "" | od -c | head -n 1; eval 'y="q \"r\""'; echo "$y"
