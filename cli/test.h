/* airlock test */
#ifndef CLI_TEST_H
#define CLI_TEST_H

/* argv[0] is "airlock test".  The exit status. */
int test_command(int argc, char **argv);

#endif
