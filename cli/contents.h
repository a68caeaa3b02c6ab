/* What is in a VM. */
#ifndef CLI_CONTENTS_H
#define CLI_CONTENTS_H

#include "options.h"

/* Builds the initial archive of the options. 0 and a descriptor of it, or an exit status after one line. */
int contents_pack(const struct run_options *options, int *archive);

#endif
