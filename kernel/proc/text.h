/* Text that grows: what /proc shows is made of it, also by those whose objects it is about. Thread context. */
#ifndef PROC_TEXT_H
#define PROC_TEXT_H

#include "lib/compiler.h"
#include "lib/types.h"

/* A piece of what is made in pieces is at least so long, in bytes, unless it is the last. */
#define TEXT_PIECE 4096UL

/* Once memory has run out it stays as it is, and the read fails. */
struct proc_text {
	char *data;
	size_t size, used;
	bool failed;
	u32 tid;	 /* the thread that it is about; that of its process: the first */
	bool one_thread; /* about that alone, and not its process as a whole */
	/* For what may be long, and is made in pieces: where this one begins, in units of its maker's, and 0 for
	 * the first; set by the maker to where the next begins, if there is more. */
	u64 from;
	bool more;
};

/* At most 255 bytes at once. */
void proc_print(struct proc_text *t, const char *format, ...) PRINTF_LIKE(2, 3);
/* Room for n bytes at the end, of which the caller then says how many he used; or NULL. */
MUST_CHECK char *proc_room(struct proc_text *t, size_t n);

#endif
