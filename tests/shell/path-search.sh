mkdir bin; printf "#!/bin/sh\necho mine\n" >bin/tool; chmod +x bin/tool; PATH=$PWD/bin:$PATH; tool; command -v tool | sed "s,.*/bin,bin,"; type cd >/dev/null && echo builtin
