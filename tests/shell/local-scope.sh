f() { local x=inner; g; echo "f $x"; }
g() { echo "g sees $x"; x=changed; }
x=outer; f; echo "global $x"
