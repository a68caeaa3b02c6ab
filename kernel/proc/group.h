/* Process groups and sessions: members, who may move where, and signals to a whole group. */
#ifndef PROC_GROUP_H
#define PROC_GROUP_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/pid.h"

struct process;

/* Into the group and the session with these numbers, which are in use, or out of both. */
void group_join_locked(struct process *p, u32 group, u32 session) REQUIRES(&pid_table_lock);
void group_leave_locked(struct process *p) REQUIRES(&pid_table_lock);

/* setpgid(2) and setsid(2) with the caller as the running process; 0 means it. 0 (a session: its
 * number) or -errno. */
MUST_CHECK int group_set(u32 pid, u32 group);
MUST_CHECK s64 group_new_session(void);

/* True if a process of the group is in that session. */
bool group_in_session(u32 group, u32 session);
/* No member has a parent in the session but outside the group: nobody could continue it. */
bool group_is_orphaned(u32 group);
/* To every member, without asking whether the caller may. */
void group_signal(u32 group, u32 signal);

/* p, or a child of a parent that has died, may have been the last tie of its group to the session:
 * then, if a member is stopped, all get SIGHUP and SIGCONT. ignored is a member that does not count. */
void group_check_orphaned_locked(struct process *p, const struct process *parent,
	const struct process *ignored) REQUIRES(&pid_table_lock);

/* A controlling terminal, as /proc/PID/stat tells it. */
struct session_terminal {
	u32 major, minor;
	s32 group; /* in the foreground; 0: none */
};

/* What the terminal layer wants to hear, and can tell. Thread context, no lock held. */
struct session_ops {
	/* The leader of the session is on its way out. */
	void (*leader_exited)(struct process *leader);
	/* What the session has: false if it has none. */
	bool (*terminal)(u32 session, struct session_terminal *out);
};
void session_set_ops(const struct session_ops *ops);
/* The process's controlling terminal: zeros and a group of -1 if it has none. */
void process_terminal(const struct process *p, struct session_terminal *out);
void session_leader_exited(struct process *p);

#endif
