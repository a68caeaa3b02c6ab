/*
 * Who a process is, and what it may do for that: user and group ids, capabilities.
 *
 * As on Linux root is not special by its number: what is privileged asks for one of the capabilities, and user 0 has them
 * because execve(2) and changes of the user ids give and take them by rules (cred_fix_*, cred_exec). Credentials belong to the
 * process, not to each of its threads; C libraries change all threads at once, and here one call does.
 *
 * Values: a copy is taken and given back whole under process->lock. The supplementary groups are apart (proc/groups.h).
 */
#ifndef PROC_CRED_H
#define PROC_CRED_H

#include <linux/capability.h>

#include "lib/compiler.h"
#include "lib/types.h"

/* All that there are. */
#define CAPS_ALL (BIT(CAP_LAST_CAP + 1) - 1)

struct credentials {
	u32 uid, euid, suid, fsuid;
	u32 gid, egid, sgid, fsgid;
	u64 permitted, effective, inheritable, bounding, ambient; /* sets of capabilities */
	u32 securebits;						  /* <linux/securebits.h> */
};

struct process;

/* A program of this user that nobody has restricted. */
void cred_init(struct credentials *c, u32 uid, u32 gid);

static inline bool cred_has(const struct credentials *c, u32 capability)
{
	return READ_ONCE(c->effective) & BIT(capability);
}

/*
 * The running process may; kernel threads may everything. No lock: the set is one word, and a change that comes at the same time
 * counts or does not, as on Linux.
 */
bool capable(u32 capability);

/* After the user ids have changed from old's: what the capabilities become. */
void cred_fix_users(struct credentials *c, const struct credentials *old);
/* The same for the id of the file system alone. */
void cred_fix_fs_user(struct credentials *c, const struct credentials *old);

/* What access(2) asks with: the real ids, and the capabilities that these would have. */
void cred_use_real(struct credentials *c);

/*
 * What execve(2) makes of them, where the file says which the effective ids are. Returns whether the program gets more than who
 * started it has: AT_SECURE.
 */
bool cred_exec(struct credentials *c, u32 euid, u32 egid, bool no_new_privs);

/* The rules of capset(2), and of prctl(2)'s PR_CAPBSET_DROP, PR_CAP_AMBIENT_RAISE and PR_SET_SECUREBITS: 0 or -EPERM. */
MUST_CHECK int cred_set_caps(struct credentials *c, u64 permitted, u64 effective, u64 inheritable);
MUST_CHECK int cred_drop_bound(struct credentials *c, u32 capability);
MUST_CHECK int cred_raise_ambient(struct credentials *c, u32 capability);
MUST_CHECK int cred_set_securebits(struct credentials *c, u32 bits);

#endif
