touch -d "2001-02-03 04:05:06 UTC" f; TZ=UTC0 date -r f +%Y-%m-%dT%H:%M:%S; touch -r f g; [ f -nt g ] || [ g -nt f ] || echo same; : >>f; [ f -nt g ] || echo unchanged
