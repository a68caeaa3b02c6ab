: >e; cat e; wc e; sort e; head e; tail e; uniq e; sed p e; awk '{ print }' e; grep x e; echo $?
for x in; do echo never; done; for x in ""; do echo once; done
while false; do echo never; done; echo $?
