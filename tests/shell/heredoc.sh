x=v; cat <<A
plain $x $(echo sub) $((1+1))
A
cat <<"A"
quoted $x
A
cat <<-A
		tabs
	A
cat <<A | tr a-z A-Z; echo after
piped
A
