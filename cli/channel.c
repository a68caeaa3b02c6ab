/*
 * Channels.
 *
 * The descriptors that come from outside (standard input, output and error) are shared with other
 * processes and stay in blocking mode, so each is touched only when poll() says so: one read, which
 * then does not block, or one write of at most PIPE_BUF bytes, which a pipe that polls as writable
 * takes whole.  The socket pairs are ours and are not blocking.
 */
#include "channel.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many of the bytes in the buffer may go to the sink now. */
static size_t channel_ready(const struct channel *channel)
{
	if (!channel->lines || channel->source < 0 || channel->length == CHANNEL_BUFFER)
		return channel->length;
	const char *first = channel->data + channel->start;
	const char *newline = memrchr(first, '\n', channel->length);
	return newline ? (size_t)(newline - first) + 1 : 0;
}

void channel_prepare(const struct channel *channel, struct pollfd entries[2])
{
	bool room = channel->start + channel->length < CHANNEL_BUFFER;
	entries[0] = (struct pollfd){.fd = room ? channel->source : -1, .events = POLLIN};
	/*
	 * A reader that has gone away matters only once there is something to write, as it does to
	 * any program.
	 */
	bool ready = channel_ready(channel) > 0;
	entries[1] = (struct pollfd){.fd = ready ? channel->sink : -1, .events = POLLOUT};
}

static void channel_close_sink(struct channel *channel)
{
	if (channel->sink >= 0 && channel->to_socket)
		shutdown(channel->sink, SHUT_WR);
	channel->sink = -1;
}

static bool channel_read(struct channel *channel)
{
	char *end = channel->data + channel->start + channel->length;
	size_t room = CHANNEL_BUFFER - channel->start - channel->length;
	ssize_t got = read(channel->source, end, room);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0) {
		/* A source that cannot be read (a directory, say) is an empty one. */
		channel->source = -1;
		return true;
	}
	if (channel->tap)
		channel->tap(channel->tap_context, end, (size_t)got);
	if (channel->filter)
		got = (ssize_t)channel->filter(channel->filter_context, end, (size_t)got);
	if (channel->sink >= 0)
		channel->length += (size_t)got;
	return true;
}

/* How much one write may carry without blocking. */
static size_t channel_chunk(const struct channel *channel, size_t ready)
{
	struct stat status;
	if (channel->to_socket || ready <= PIPE_BUF)
		return ready;
	if (fstat(channel->sink, &status) == 0 && S_ISREG(status.st_mode))
		return ready;
	return PIPE_BUF;
}

static bool channel_write(struct channel *channel)
{
	size_t chunk = channel_chunk(channel, channel_ready(channel));
	ssize_t done = write(channel->sink, channel->data + channel->start, chunk);
	if (done < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (done < 0) {
		channel->error = errno;
		channel->sink = -1;
		channel->length = 0;
		/* What QEMU takes no more is left for whoever reads the input next. */
		if (channel->to_socket)
			channel->source = -1;
		return true;
	}
	channel->start += (size_t)done;
	channel->length -= (size_t)done;
	/* Moving the rest to the front is worth it when there is little of it. */
	if (channel->length == 0 || channel->start > CHANNEL_BUFFER / 2) {
		memmove(channel->data, channel->data + channel->start, channel->length);
		channel->start = 0;
	}
	return true;
}

bool channel_move(struct channel *channel, const struct pollfd entries[2])
{
	bool moved = false;
	if (entries[1].fd >= 0 && entries[1].revents)
		moved = channel_write(channel);
	if (entries[0].fd >= 0 && entries[0].revents)
		moved |= channel_read(channel);
	if (channel->source < 0 && channel->length == 0)
		channel_close_sink(channel);
	return moved;
}

bool channel_done(const struct channel *channel)
{
	return channel->source < 0 && channel->length == 0;
}

bool channel_pending(const struct channel *channel)
{
	return channel->sink >= 0 && channel_ready(channel) > 0;
}
