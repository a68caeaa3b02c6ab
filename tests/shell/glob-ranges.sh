touch a1 a2 b1 b2 c1 A1; echo [ab]1; echo [!ab]?; echo ?[2]; echo *1 | tr ' ' '\n' | wc -l; echo [a-c]2; echo none*
