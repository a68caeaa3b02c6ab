f() { trap 'echo trap in f' USR1; kill -USR1 $$; echo after; }
f; kill -USR1 $$; trap - USR1; (trap 'echo e $?' EXIT; exit 3)
