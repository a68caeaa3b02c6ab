#!/bin/sh
# summary: docs/hazards.md has every row of the catalogue, each covered by something that exists or argued
# timeout: 20
# quick: yes
#
# Seen to fail: with row T3 removed, with a test name misspelt, and with an empty last column.
cd "$(dirname "$0")/../.." || exit 1
page=docs/hazards.md
bad=0

complain()
{
	echo "$page: $1"
	bad=1
}

# rows LETTER COUNT: how many rows the catalogue has in each part.
rows()
{
	i=1
	while [ $i -le "$2" ]; do
		grep -q "^| $1$i | ..* | ..* |\$" $page || complain "row $1$i is missing or empty"
		i=$((i + 1))
	done
}
rows C 14; rows S 12; rows I 13; rows P 19; rows X 14; rows T 5; rows W 8; rows U 5; rows M 7; rows V 3; rows B 40

# Everything named in the last column exists.
# An argument is free text up to the end of the row, but what it names counts, too.
sed -n 's/^| [A-Z][0-9]* | .* | \(.*\) |$/\1/p' $page | sed 's/argument:.*//' | tr ';' '\n' | sed '/^ *$/d' | sed 's/^ *//' | sort -u >"${SCRATCH:-/tmp}/hazards.$$"
while read -r kind name; do
	case $kind in
	check) ;;
	guest) grep -rqs "GUEST_TEST($name)" kernel/*/tests kernel/arch/x86_64/*/tests || complain "no in-kernel test $name" ;;
	mutant) grep -q "^$name: " tools/mutants/mutants.list || complain "no mutant $name" ;;
	abi/*) ls tests/$kind.* >/dev/null 2>&1 || complain "no ABI program $kind" ;;
	crossing/* | scenario/*) [ -f "tests/$kind.sh" ] || complain "no script $kind" ;;
	unit/*) rest=${kind#unit/}; [ -f "tests/unit/${rest%%-*}/${rest#*-}_test.c" ] || complain "no unit test $kind" ;;
	*) complain "not understood: $kind $name" ;;
	esac
done <"${SCRATCH:-/tmp}/hazards.$$"
rm -f "${SCRATCH:-/tmp}/hazards.$$"
exit $bad
