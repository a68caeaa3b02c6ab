f() { cat <<A; cat <<B; }
first $1
A
second
B
f x
cat <<'Q' | tr a-z A-Z
no $expansion `here` $((1+1))
Q
cat <<-T
	tabs $((1 + 1))
		gone
	T
