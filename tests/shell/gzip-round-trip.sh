seq 1 20000 >f; cksum f; gzip -c f >f.gz; [ $(wc -c <f.gz) -lt $(wc -c <f) ] && echo smaller; gzip -dc f.gz | cksum; gzip -t f.gz && echo good; head -c 100 f.gz | gzip -t 2>/dev/null; echo $?
