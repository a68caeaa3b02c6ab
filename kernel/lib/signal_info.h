/*
 * What is known about one signal: the part of Linux's siginfo_t that means anything, 48 of its 128
 * bytes. The names of <asm/siginfo.h> (si_pid and so on) are its fields, too.
 */
#ifndef LIB_SIGNAL_INFO_H
#define LIB_SIGNAL_INFO_H

#include <asm/siginfo.h>

struct signal_info {
	__SIGINFO;
};

#endif
