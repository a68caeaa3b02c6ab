/* The C library gives the name sigset_t to a type of another size. Which one comes first keeps it; no structure of the
 * kernel's has one. */
#ifndef FAKE_UAPI_SIGNAL_H
#define FAKE_UAPI_SIGNAL_H

#ifdef __sigset_t_defined
#define sigset_t linux_sigset_t
#endif
#include_next <asm/signal.h>
#undef sigset_t

#endif
