/*
 * Loading a program into an address space of its own (exec.c), and giving it to the running process
 * (execve.c). Thread context.
 */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/args.h"
#include "proc/file.h"

struct credentials;
struct mm;

struct exec_request {
	/* In. The caller gives back file, which is held, and args; a script's are replaced by its
	 * interpreter's. */
	struct file *file;
	const char *path; /* as the caller named it: AT_EXECFN, argv[0] of scripts */
	struct exec_args args;
	const struct credentials *cred; /* before the file's set-user-id bits */
	bool no_new_privs;
	/* The file will be closed before a script's interpreter could open it by that path. */
	bool path_goes;
	u64 stack_limit;
	/* Out: on failure perhaps a few words for the user. */
	const char *why;
	/* Out: Linux would have destroyed the old program when this error was found. */
	bool too_late;
};

struct exec_result {
	struct mm *mm; /* with a user's reference for the caller */
	uaddr_t entry, sp;
	u32 euid, egid; /* what the file makes of the credentials */
	bool secret;	/* a file may be executed, but not read: nor may the process's memory */
};

/* 0 or -errno as execve(2). */
MUST_CHECK int exec_load(struct exec_request *r, struct exec_result *out);

/* In the place of the running process's program, whose absolute path is exe. On 0 the caller returns
 * to ring 3 as the new one. */
MUST_CHECK int exec_replace(struct exec_request *r, const char *exe);

/*
 * A file that is executed is held: while it is, nobody can open it for writing. From the file layer:
 * open gives a file that the running process may execute, held, by a path that may be relative; hold
 * gives -ETXTBSY if somebody has it open for writing; may_read says whether that process may read it, too.
 */
struct exec_ops {
	int (*open)(const char *path, struct file **out);
	int (*hold)(struct file *f);
	void (*release)(struct file *f);
	bool (*may_read)(struct file *f);
};
void exec_set_ops(const struct exec_ops *ops);
MUST_CHECK int exec_open(const char *path, struct file **out);
/* A reference and a hold; and both back. NULL is fine. */
MUST_CHECK int exec_file_hold(struct file *f);
void exec_file_put(struct file *f);

/* If the file is a script: file and args become its interpreter's. 0 also if it is none. -ENOEXEC,
 * -ELOOP, -ENOENT and so on. */
MUST_CHECK int script_resolve(struct exec_request *r);

#endif
