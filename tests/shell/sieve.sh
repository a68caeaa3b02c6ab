awk 'BEGIN { n = 2000; for (i = 2; i <= n; i++) if (!c[i]) { k++; last = i; for (j = i * i; j <= n; j += i) c[j] = 1 } print k, last }'
