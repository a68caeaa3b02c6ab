for w in apple Banana 42 -x "a b" "" '*' a1 '[x]'; do
	case $w in
	[a-z]*[0-9]) echo "$w: lower then digit" ;;
	[[:upper:]]*) echo "$w: upper" ;;
	[0-9]*) echo "$w: digits" ;;
	-?) echo "$w: option" ;;
	*\ *) echo "$w: blank" ;;
	'') echo empty ;;
	\*) echo star ;;
	\[*\]) echo brackets ;;
	*) echo "$w: other" ;;
	esac
done
