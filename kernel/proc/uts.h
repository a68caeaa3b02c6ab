/* The names of the system: uname(2). The host's and the domain's can be changed; any thread may ask while another does. */
#ifndef PROC_UTS_H
#define PROC_UTS_H

#include <linux/utsname.h>

#include "lib/types.h"

enum uts_name { UTS_HOST, UTS_DOMAIN };

/* All of them, as of one moment. */
void uts_get(struct new_utsname *out);
/* Cut to __NEW_UTS_LEN bytes; who may do it is the caller's business. */
void uts_set(enum uts_name which, const char *name, size_t length);

#endif
