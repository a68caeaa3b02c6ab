/* Waiting for children to die, stop and continue: what wait4(2) and waitid(2) stand on. */
#ifndef PROC_CHILDWAIT_H
#define PROC_CHILDWAIT_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/process.h"

enum child_which { CHILD_ANY, CHILD_PID, CHILD_GROUP };

struct child_wait {
	enum child_which which;
	u32 number;  /* of the process or group */
	u32 options; /* WEXITED, WSTOPPED, WCONTINUED, WNOHANG, WNOWAIT, __WCLONE, __WALL,
			__WNOTHREAD */
	/* -- out, if a child was found -- */
	u32 pid; /* 0: none yet (WNOHANG) */
	u32 uid;
	s32 code;    /* CLD_* */
	u32 status;  /* as si_status */
	u32 wstatus; /* as wait4(2) has it */
	struct usage usage;
};

/* 0, -ECHILD, or -EINTR. Thread context. */
MUST_CHECK int child_wait(struct child_wait *w);

/* The word for wait4(2) of a dead process. */
u32 process_wait_status(const struct process *p);

#endif
