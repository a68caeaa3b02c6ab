/* Names of signals, for the log and for reports. */
#include "proc/signal.h"

const char *signal_name(u32 signal)
{
#define NAME(signal) [signal] = #signal
	static const char *const names[] = {
		NAME(SIGHUP),
		NAME(SIGINT),
		NAME(SIGQUIT),
		NAME(SIGILL),
		NAME(SIGTRAP),
		NAME(SIGABRT),
		NAME(SIGBUS),
		NAME(SIGFPE),
		NAME(SIGKILL),
		NAME(SIGUSR1),
		NAME(SIGSEGV),
		NAME(SIGUSR2),
		NAME(SIGPIPE),
		NAME(SIGALRM),
		NAME(SIGTERM),
		NAME(SIGSTKFLT),
		NAME(SIGCHLD),
		NAME(SIGCONT),
		NAME(SIGSTOP),
		NAME(SIGTSTP),
		NAME(SIGTTIN),
		NAME(SIGTTOU),
		NAME(SIGURG),
		NAME(SIGXCPU),
		NAME(SIGXFSZ),
		NAME(SIGVTALRM),
		NAME(SIGPROF),
		NAME(SIGWINCH),
		NAME(SIGIO),
		NAME(SIGPWR),
		NAME(SIGSYS),
	};
#undef NAME
	return signal < ARRAY_SIZE(names) && names[signal] ? names[signal] : "real-time signal";
}
