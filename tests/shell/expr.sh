expr 3 + 4; expr abc : "a\(.\)c"; expr length hello; expr 5 \> 3; expr 0; echo $?
