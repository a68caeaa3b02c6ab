/* The host's Linux as the one who knows the answers: a tree of files on a read-only tmpfs, and questions about it. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stdint.h>

struct host_node {
	const char *path;
	uint32_t mode, uid, gid;
	const char *content; /* of a file, or where a link leads */
};

extern const struct host_node host_nodes[];
extern const uint32_t host_node_count;

enum host_kind {
	HOST_STAT,
	HOST_LSTAT,
	HOST_OPEN,
	HOST_ACCESS,
	HOST_READLINK,
	HOST_CHDIR,
	HOST_KINDS
};

struct host_question {
	enum host_kind kind;
	const char *base;
	char path[1024];
	uint32_t flags; /* open's, access's, or a whim */
	uint32_t uid, gid;
};

struct host_answer {
	int32_t result; /* 0 or -errno */
	bool is_fifo;
	uint32_t mode; /* stat's, or the open file's flags */
	uint64_t size, nlink;
	uint32_t uid;
	char text[1024]; /* a link's target, or a resulting path */
};

struct host_exchange {
	uint32_t count;
	struct host_question *question;
	struct host_answer *answer;
};

/* In memory that the child shares. */
struct host_exchange *host_create(uint32_t count);
void host_free(struct host_exchange *x);
/* Fills in the answers; false if the host does not let us have a mount namespace. */
bool host_ask(struct host_exchange *x);

#endif
