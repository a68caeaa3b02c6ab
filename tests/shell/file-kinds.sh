: >empty; echo x >full; mkdir d; ln -s full l; ln -s nowhere broken; mkfifo p
for f in empty full d l broken p none /dev/null; do
	r=
	for t in e f d L h p s c b S; do [ -$t $f ] && r="$r$t"; done
	echo "$f $r"
done
[ full -ef l ] && echo one file; [ full -ef d ] || echo two
