/* A device that sends an NMI to all CPUs when it has not been put off for some time (the IB700 that QEMU has; on other machines
 * nothing answers at its port). */
#ifndef ARCH_WATCHDOG_H
#define ARCH_WATCHDOG_H

#include "lib/types.h"

/* Not before so many seconds from now, at least; the device can't do more than 30. Any context. */
void watchdog_device_put_off(u32 seconds);
/* In the NMI handler: it was put off once, and not for as long as it then said. */
bool watchdog_device_expired(void);

#endif
