long=$(printf '%05000d' 7); echo ${#long}; echo "$long" | wc -c; echo "$long" | sed 's/0*//'; printf '%s\n' "$long" "$long" >f; wc f | awk '{ print $1, $2, $3 }'; read x <f; echo ${#x}
