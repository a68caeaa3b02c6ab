printf '%b\n' 'tab\there' 'nl\nhere' 'oct\0101' '\\'
printf '%s\n' 'a\tb'; printf 'x%%y\n'; printf '%c%c\n' abc def; printf '\101\n'
