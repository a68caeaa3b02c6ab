f() { return $1; }; f 3; echo $?; g() { f 4 && echo no; return; }; g; echo $?; h() ( exit 9 ); h; echo $?
