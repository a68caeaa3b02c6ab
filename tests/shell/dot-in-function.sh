echo 'v=sourced; return 4; v=never' >lib
load() { . ./lib; echo "$? $v $1"; }
load original
