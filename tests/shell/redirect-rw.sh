printf abcdef >f; exec 5<>f; printf XY >&5; cat <&5; echo; cat f; echo; exec 5>&-
