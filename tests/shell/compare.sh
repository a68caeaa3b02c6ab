[ 1 -lt 2 ] && echo lt; [ abc = abc ] && echo eq; [ -z "" ] && echo z; [ -n x ] && echo n; test 3 -ge 4 || echo no; [ ! -e nothing ] && echo absent
