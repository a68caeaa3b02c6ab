[ -r /proc/$$/status ] && grep -c '^State' /proc/$$/status; tr '\0' '\n' </proc/$$/cmdline | tail -n 1 | sed 's,.*/,,'
(cd /; [ "$(readlink /proc/self/cwd)" = / ] && echo root); exec 9</dev/null; readlink /proc/$$/fd/9; ls /proc/$$/fd 2>/dev/null | grep -c 9; [ -e /proc/self/exe ] && echo exe
