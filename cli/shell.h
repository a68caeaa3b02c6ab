/* airlock shell */
#ifndef CLI_SHELL_H
#define CLI_SHELL_H

/* argv[0] is "airlock shell".  The exit status. */
int shell_command(int argc, char **argv);

#endif
