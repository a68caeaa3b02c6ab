/* airlock trace */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

/* argv[0] is "airlock trace".  The exit status. */
int trace_command(int argc, char **argv);

#endif
