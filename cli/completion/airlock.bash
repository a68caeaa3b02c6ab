# Completion of airlock(1) for bash: put it into /usr/share/bash-completion/completions/airlock, or
# source it.
# shellcheck shell=bash

_airlock_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# The options of a command, from its own help, so that they cannot differ.
_airlock_options() {
	"$1" "$2" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
}

_airlock_run() {
	case $2 in
	--accel) _airlock_words 'auto kvm tcg' "$3" ;;
	--pti) _airlock_words 'auto on off' "$3" ;;
	--log-level) _airlock_words 'error warn info debug trace' "$3" ;;
	--rootfs | --kernel | --qemu | --trace | --output | --crash-dir) mapfile -t COMPREPLY < <(compgen -f -- "$3") ;;
	*)
		if [[ $3 == -* ]]; then
			_airlock_words "$(_airlock_options "$1" run)" "$3"
		elif [[ $3 == */* ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$3")
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$3" | sort -u)
		fi
		;;
	esac
}

_airlock() {
	local command=$1 word=$2 previous=$3
	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 ]]; then
		_airlock_words 'run shell test bench check --help --version' "$word"
		return
	fi
	case ${COMP_WORDS[1]} in
	run) _airlock_run "$command" "$previous" "$word" ;;
	test)
		if [[ $word == -* ]]; then
			_airlock_words "$(_airlock_options "$command" test)" "$word"
		else
			_airlock_words "$("$command" test -l 2>/dev/null | cut -d ' ' -f 1)" "$word"
		fi
		;;
	bench) _airlock_words 'boot image.kib --json --runs --vs-linux' "$word" ;;
	check) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}

complete -F _airlock airlock
