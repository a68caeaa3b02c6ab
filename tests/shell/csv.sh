cat >t.csv <<E
id,name,amount
1,ann,10.50
2,bob,20.25
3,ann,4.25
E
tail -n +2 t.csv | awk -F, '{ a[$2] += $3 } END { for (k in a) printf "%s %.2f\n", k, a[k] }' | sort
cut -d, -f2 t.csv | sort | uniq -c | sed 's/^ *//'
