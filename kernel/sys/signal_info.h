/* Between the files of sys/ that take or give a siginfo_t. */
#ifndef SYS_SIGNAL_INFO_H
#define SYS_SIGNAL_INFO_H

#include "lib/compiler.h"
#include "lib/signal_info.h"
#include "lib/types.h"

/* For a signal that is to be sent: si_signo is `signal` whatever is written there. 0, -EFAULT, or
 * -E2BIG if it holds more than is known to mean something. */
MUST_CHECK int signal_info_get(struct signal_info *info, u32 signal, uaddr_t from);
/* All 128 bytes. 0 or -EFAULT. */
MUST_CHECK int signal_info_put(uaddr_t to, const struct signal_info *info);

#endif
