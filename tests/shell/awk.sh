seq 5 | awk "NR%2 {print \$1*2}"; echo "a:b:c" | awk -F: "{print \$2, NF}"; awk "BEGIN {for (i=0;i<3;i++) s=s i; print s; print length(s)}" </dev/null
