mkdir -p d/e; cd d/e; pwd | sed "s,.*/d,d,"; cd ..; pwd | sed "s,.*/d,d,"; cd - >/dev/null; basename "$PWD"; cd /nonexistent 2>/dev/null || echo no
