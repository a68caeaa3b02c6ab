ack() {
	if [ "$1" -eq 0 ]; then
		echo $(($2 + 1))
	elif [ "$2" -eq 0 ]; then
		ack $(($1 - 1)) 1
	else
		ack $(($1 - 1)) "$(ack "$1" $(($2 - 1)))"
	fi
}
ack 1 4
ack 2 2
