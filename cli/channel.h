/* One direction of bytes between the VM and the command. */
#ifndef CLI_CHANNEL_H
#define CLI_CHANNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

enum { CHANNEL_BUFFER = 1 << 16 };

/*
 * Bytes are read from `source` only while there is room for them, so a reader that is slow holds the
 * writer up and nothing is ever lost.
 */
struct channel {
	/* File descriptors; -1 once closed.  A channel without sink keeps nothing. */
	int source;
	int sink;
	/* The sink is our end of a socket pair: end of file means shutting its writing side down. */
	bool to_socket;
	/* Only whole lines go to the sink, because others write there too. */
	bool lines;
	/* Sees everything that is read; may be NULL. */
	void (*tap)(void *context, const char *data, size_t length);
	void *tap_context;
	/* Changes what was read before it goes on: how many bytes are left.  May be NULL. */
	size_t (*filter)(void *context, char *data, size_t length);
	void *filter_context;
	/* errno of a failed write to the sink, 0 for none. */
	int error;
	/* Bytes that were read and not yet written: from `start` on. */
	size_t start;
	size_t length;
	char data[CHANNEL_BUFFER];
};

/*
 * Fills in what to wait for: entries[0] for the source, entries[1] for the sink, with a descriptor
 * of -1 where there is nothing to wait for.
 */
void channel_prepare(const struct channel *channel, struct pollfd entries[2]);

/* Moves bytes according to what poll() found.  True when it moved some. */
bool channel_move(struct channel *channel, const struct pollfd entries[2]);

/* Nothing more will come out of it. */
bool channel_done(const struct channel *channel);

/* Something was read and waits for a slow sink. */
bool channel_pending(const struct channel *channel);

#endif
