/* airlock check */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

/* argv[0] is "airlock check".  The exit status. */
int check_command(int argc, char **argv);

#endif
