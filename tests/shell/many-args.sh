set -- $(seq 2000); echo $# ${2000} $1; shift 1999; echo $1
sh -c 'echo $#' x $(seq 5000)
seq 3000 | xargs echo | wc -w; seq 30000 | xargs echo | wc -w
