awk 'BEGIN {
	for (i = 1; i <= 5; i++) for (j = 1; j <= 5; j++) { a[i, j] = i * j; t += a[i, j] }
	for (i = 1; i <= 5; i++) { for (j = 1; j <= 5; j++) printf "%4d", a[i, j]; print "" }
	print t
}'
