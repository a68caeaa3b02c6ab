/* The version of the command. */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#define AIRLOCK_VERSION "0.1"

#endif
