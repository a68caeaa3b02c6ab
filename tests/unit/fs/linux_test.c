/*
 * Paths against the host's Linux. The same tree is made twice: as an archive for this kernel, and on a read-only tmpfs of
 * the host, in a child with a mount namespace of its own and that tmpfs as its root. Then both are asked the same
 * questions - paths put together at random from names that mean something, slashes, dots and links - and must give the
 * same answers, errors included.
 *
 * Not compared: numbers of inodes, sizes of directories, and O_DIRECTORY together with O_CREAT, which means different
 * things to different versions of Linux.
 *
 * Seen to fail, each: a trailing slash that does not follow the link; slashes in a link's target ignored; 39 links instead of
 * 40; permission to search checked after the name; EISDIR after EROFS; O_CREAT of "." as success; O_PATH keeping O_CREAT.
 */
// sources: kernel/proc/cred.c kernel/proc/groups.c kernel/fs/pts.c
// sources: tests/unit/fs/mounted.c kernel/fs/access.c kernel/fs/archive.c kernel/fs/attributes.c kernel/fs/content.c
// sources: kernel/fs/create.c kernel/fs/device.c kernel/fs/directory.c kernel/fs/memfd.c kernel/fs/mount.c kernel/fs/mounts.c kernel/fs/node.c
// sources: kernel/fs/open.c kernel/fs/opened.c kernel/fs/path.c kernel/fs/regular.c kernel/fs/remove.c kernel/fs/tree.c
// sources: kernel/fs/walk.c kernel/fs/xattr.c kernel/lib/cpio.c kernel/lib/format.c kernel/lib/rbtree.c
// sources: kernel/proc/file.c kernel/proc/files.c kernel/proc/fscontext.c tests/unit/fs/host.c
#include "unit.h"

#include <asm/stat.h>
#include <linux/fcntl.h>

#include "fs/host.h"
#include "fs/mounted.h"
#include "lib/errno.h"

#define QUESTIONS 100000

static void add_to_archive(struct newc *n, const struct host_node *h)
{
	newc_add(n, (struct newc_entry){.name = h->path,
			    .mode = h->mode,
			    .uid = h->uid,
			    .gid = h->gid,
			    .data = h->content,
			    .size = h->content ? strlen(h->content) : 0,
			    .nlink = 1});
}

static const char *const pieces[] = {"d", "d/e", "d/e/f", "f", "x", "closed", "closed/in", "only-x",
	"only-x/f", "to-d", "to-f", "to-d-slash", "to-f-slash", "up", "abs", "abs/e", "loop",
	"loop-a", "dangling", "chain1", "chain39", "chain40", "chain41", "deep", "to-dot",
	"nothing", ".", "..", "...", "mode0", "group", "other", "pipe", "sock", "to-pipe", "to-up",
	"root"};
static const char *const joints[] = {"/", "/", "/", "//", "/./", "/../"};

static void make_path(char *out, size_t size)
{
	u32 count = 1 + (u32)(unit_random_below(2) ? unit_random_below(4) : 0);
	size_t n = 0;

	out[0] = '\0';
	if (unit_random_below(3) == 0)
		n += (size_t)snprintf(out, size, "%s", unit_random_below(3) ? "/" : "//");
	for (u32 i = 0; i < count; i++) {
		const char *joint = i ? joints[unit_random_below(ARRAY_SIZE(joints))] : "";
		const char *piece = pieces[unit_random_below(ARRAY_SIZE(pieces))];
		n += (size_t)snprintf(out + n, size - n, "%s%s", joint, piece);
	}
	static const char *const ends[] = {"", "", "", "", "/", "//", "/.", "/.."};
	snprintf(out + n, size - n, "%s", ends[unit_random_below(ARRAY_SIZE(ends))]);
	/* Now and then a component that is too long, or just not. */
	if (unit_random_below(50) == 0) {
		n = strlen(out);
		size_t length = 254 + unit_random_below(3);
		out[n++] = '/';
		memset(out + n, 'n', length);
		out[n + length] = '\0';
	}
	if (unit_random_below(500) == 0)
		out[0] = '\0';
}

static u32 make_flags(void)
{
	static const u32 bits[] = {
		O_CREAT, O_EXCL, O_TRUNC, O_DIRECTORY, O_NOFOLLOW, O_APPEND, O_NONBLOCK};
	/* Mostly plain. */
	u32 flags = unit_random_below(3) ? O_RDONLY : (u32)unit_random_below(4);

	for (u32 i = 0; i < ARRAY_SIZE(bits); i++)
		if (unit_random_below(5) == 0)
			flags |= bits[i];
	if (unit_random_below(6) == 0)
		flags |= O_PATH;
	if ((flags & O_CREAT) && !(flags & O_PATH))
		flags &= ~(u32)O_DIRECTORY;
	if (unit_random_below(40) == 0)
		flags = O_TMPFILE | (u32)unit_random_below(3);
	/* A pipe or a node opened for real waits for somebody, or is not there in a later version. */
	return flags | O_NONBLOCK;
}

static void make_question(struct host_question *q)
{
	static const char *const bases[] = {"/", "/", "/", "/", "/d", "/d/e", "/only-x", "/closed"};

	make_path(q->path, sizeof(q->path));
	q->kind = (enum host_kind)unit_random_below(HOST_KINDS);
	q->base = bases[unit_random_below(ARRAY_SIZE(bases))];
	q->flags = q->kind == HOST_OPEN ? make_flags() : (u32)unit_random_below(8);
	q->uid = unit_random_below(2) ? 0 : 1000;
	q->gid = q->uid && unit_random_below(2) ? 100 : q->uid;
}

static void answer_stat(const struct host_question *q, struct host_answer *a)
{
	struct stat st;

	a->result = fs_stat(q->base, q->path, q->kind == HOST_STAT, &st);
	if (a->result)
		return;
	a->mode = st.st_mode;
	a->size = (st.st_mode & 0170000) == 040000 ? 0 : (u64)st.st_size;
	a->nlink = st.st_nlink;
	a->uid = st.st_uid;
}

static void answer_open(const struct host_question *q, struct host_answer *a)
{
	struct file *f;

	a->result = fs_open(q->base, q->path, q->flags, 0644, &f);
	if (a->result)
		return;
	a->mode = atomic32_load(&f->flags);
	assert_int_equal(fs_file_path(f, a->text, sizeof(a->text)), 0);
	file_put(f);
}

static void answer_readlink(const struct host_question *q, struct host_answer *a)
{
	/* Short buffers, too. */
	size_t size = q->flags == 0 ? 3 : sizeof(a->text);
	ssize_t n = fs_readlink(q->base, q->path, a->text, size);

	a->result = n < 0 ? (s32)n : 0;
	a->size = n < 0 ? 0 : (u64)n;
}

static void answer(const struct host_question *q, struct host_answer *a)
{
	*a = (struct host_answer){.result = 0};
	cred_init(&mounted_process.cred, q->uid, q->gid);
	switch (q->kind) {
	case HOST_STAT:
	case HOST_LSTAT:
		answer_stat(q, a);
		break;
	case HOST_OPEN:
		answer_open(q, a);
		break;
	case HOST_ACCESS:
		a->result = fs_access(q->base, q->path, q->flags, false);
		break;
	case HOST_READLINK:
		answer_readlink(q, a);
		break;
	case HOST_CHDIR:
		a->result = fs_resolve_dir(q->base, q->path, a->text, sizeof(a->text));
		break;
	default:
		break;
	}
}

static void compare(const struct host_question *q, const struct host_answer *host)
{
	static const char *const kinds[] = {"stat", "lstat", "open", "access", "readlink", "chdir"};
	struct host_answer ours;

	answer(q, &ours);
	/* Pipes with names are for a later step: ENXIO, whatever the way of opening. */
	if (ours.result == -ENXIO && (host->is_fifo || host->result == -EINVAL))
		return;
	if (memcmp(&ours.result, &host->result, sizeof(ours.result)) == 0 &&
		ours.mode == host->mode && ours.size == host->size && ours.nlink == host->nlink &&
		ours.uid == host->uid && strcmp(ours.text, host->text) == 0)
		return;
	fail_msg(
		"%s(%#o) of '%s' from '%s' as %u:%u: Linux %d mode %o size %lu nlink %lu uid %u '%s', ours %d "
		"mode %o size %lu nlink %lu uid %u '%s'",
		kinds[q->kind], q->flags, q->path, q->base, q->uid, q->gid, host->result,
		host->mode, host->size, host->nlink, host->uid, host->text, ours.result, ours.mode,
		ours.size, ours.nlink, ours.uid, ours.text);
}

static void test_against_linux(void **state)
{
	struct newc n = {.bytes = NULL};
	struct host_exchange *x = host_create(QUESTIONS);
	u32 successes = 0;

	for (u32 i = 0; i < QUESTIONS; i++)
		make_question(&x->question[i]);
	if (!host_ask(x)) {
		print_message("no mount namespace to be had\n");
		skip();
	}
	for (u32 i = 0; i < host_node_count; i++)
		add_to_archive(&n, &host_nodes[i]);
	newc_end(&n);
	assert_int_equal(mounted_begin(&n, 0), 0);
	mounted_make_readonly();
	for (u32 i = 0; i < QUESTIONS; i++) {
		compare(&x->question[i], &x->answer[i]);
		successes += x->answer[i].result == 0;
	}
	/* The questions were not all nonsense. */
	assert_in_range(successes, QUESTIONS / 10, QUESTIONS * 9 / 10);
	mounted_end();
	newc_free(&n);
	host_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_linux),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
