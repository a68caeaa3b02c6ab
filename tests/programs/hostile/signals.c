/* What ends a process from outside its code: kill, tgkill and abort on itself, exit statuses. */
#include "hostile.h"

#include <stdlib.h>

static void signal_kill(const struct hostile_case *c)
{
	say("going\n");
	say("%ld\n", raw6(62, raw6(39, 0, 0, 0, 0, 0, 0), (long)c->a, 0, 0, 0, 0));
}

static void signal_tgkill(const struct hostile_case *c)
{
	long pid = raw6(39, 0, 0, 0, 0, 0, 0);
	say("going\n");
	say("%ld\n", raw6(234, pid, raw6(186, 0, 0, 0, 0, 0, 0), (long)c->a, 0, 0, 0));
}

static void signal_abort(const struct hostile_case *c)
{
	(void)c;
	say("going\n");
	abort();
}

static void signal_exit(const struct hostile_case *c)
{
	raw6(c->b ? 231 : 60, (long)c->a, 0, 0, 0, 0, 0);
	say("came back\n");
}

/* Numbers that are no signal, processes that are none of ours. */
static void signal_refused(const struct hostile_case *c)
{
	(void)c;
	long pid = raw6(39, 0, 0, 0, 0, 0, 0);
	say("%ld %ld %ld\n", raw6(62, pid, 0, 0, 0, 0, 0), raw6(62, pid, 65, 0, 0, 0, 0),
		raw6(62, pid, -1, 0, 0, 0, 0));
	say("%ld %ld\n", raw6(62, 0x7ffffff0, 9, 0, 0, 0, 0), raw6(62, 0x7ffffff0, 0, 0, 0, 0, 0));
	say("%ld %ld %ld\n", raw6(234, pid, 0x7ffffff0, 9, 0, 0, 0), raw6(234, -1, pid, 9, 0, 0, 0),
		raw6(234, pid, 0, 9, 0, 0, 0));
}

/* Signals whose default is to do nothing. */
static void signal_ignored(const struct hostile_case *c)
{
	long pid = raw6(39, 0, 0, 0, 0, 0, 0);
	say("%ld\n", raw6(62, pid, (long)c->a, 0, 0, 0, 0));
}

void signal_cases(void)
{
	static const int deadly[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25,
		26, 27, 29, 30, 31, 34, 64};
	static const int harmless[] = {17, 18, 23, 28};
	static const uint64_t statuses[] = {0, 1, 7, 255, 256, 257, 0xffffffff, 0x1234567800000003};
	for (size_t i = 0; i < COUNT(deadly); i++)
		case_add(DIES, signal_kill, (uint64_t)deadly[i], 0, "kill.%d", deadly[i]);
	case_add(DIES, signal_tgkill, 9, 0, "tgkill.9");
	case_add(DIES, signal_tgkill, 11, 0, "tgkill.11");
	case_add(DIES, signal_abort, 0, 0, "abort");
	for (size_t i = 0; i < COUNT(harmless); i++)
		case_add(
			SURVIVES, signal_ignored, (uint64_t)harmless[i], 0, "kill.%d", harmless[i]);
	case_add(SURVIVES, signal_refused, 0, 0, "kill.refused");
	for (size_t i = 0; i < COUNT(statuses); i++) {
		case_add(DIES, signal_exit, statuses[i], 0, "exit.%lx", statuses[i]);
		case_add(DIES, signal_exit, statuses[i], 1, "exit_group.%lx", statuses[i]);
	}
}
