/* airlock run */
#ifndef CLI_RUN_H
#define CLI_RUN_H

/* argv[0] is "airlock run".  The exit status. */
int run_command(int argc, char **argv);

#endif
