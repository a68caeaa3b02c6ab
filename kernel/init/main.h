/* Where the boot code hands over: boot_info is filled, provisional tables are loaded, IF=0, the boot stack. */
#ifndef INIT_MAIN_H
#define INIT_MAIN_H

#include "lib/compiler.h"

NORETURN void kernel_main(void);

#endif
