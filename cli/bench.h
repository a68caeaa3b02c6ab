/* airlock bench */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

/* argv[0] is "airlock bench".  The exit status. */
int bench_command(int argc, char **argv);

#endif
