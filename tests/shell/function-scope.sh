x=1; f() { local x=2; y=3; echo $x; }; f; echo $x $y; g() ( x=9 ); g; echo $x
