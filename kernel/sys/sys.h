/*
 * System calls: the table, and the copying of arguments.
 *
 * Each call has a function sys_NAME() with the parameters of its man page: addresses of the program
 * as uaddr_t, integers cut to the width that Linux gives them. The result is the call's, a negative
 * errno included. They run in thread context with interrupts on and may sleep; there is one file
 * for each noun.
 */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "sys/argtypes.h"

#define CALL0(name) s64 sys_##name(void);
#define CALL1(name, a) s64 sys_##name(a);
#define CALL2(name, a, b) s64 sys_##name(a, b);
#define CALL3(name, a, b, c) s64 sys_##name(a, b, c);
#define CALL4(name, a, b, c, d) s64 sys_##name(a, b, c, d);
#define CALL5(name, a, b, c, d, e) s64 sys_##name(a, b, c, d, e);
#define CALL6(name, a, b, c, d, e, f) s64 sys_##name(a, b, c, d, e, f);
#define NONE(name)
#include "sys/table.def"

#endif
