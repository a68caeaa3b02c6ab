/* airlock run -v: copies of the host's files, at any place in the VM. */
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_needs.h"
#include "hostfile.h"
#include "message.h"
#include "pack.h"
#include "packlib.h"

static struct initrd_attributes volume_attributes(const struct stat *status)
{
	return (struct initrd_attributes){.mode = status->st_mode,
		.uid = status->st_uid,
		.gid = status->st_gid,
		.mtime = status->st_mtime,
		.device = status->st_rdev};
}

static int volume_add_file(
	struct pack *pack, const char *host, const char *guest, const struct stat *status)
{
	struct hostfile file;
	struct elf_needs needs;
	int error = hostfile_try(host, &file);
	if (error != 0)
		return message_fail(
			STATUS_AIRLOCK, "-v: cannot read %s: %s", host, strerror(-error));
	struct initrd_attributes attributes = volume_attributes(status);
	initrd_add_parents(pack->initrd, guest);
	initrd_add_file(pack->initrd, guest, &attributes, file.data, file.size);
	char *real = realpath(host, NULL);
	if (real && elf_needs_read(file.data, file.size, &needs)) {
		elf_needs_free(&needs);
		/* What is missing on the host is not missed by the program on it either. */
		packlib_add(pack, host, real, &file, false);
	}
	free(real);
	hostfile_close(&file);
	return 0;
}

static int volume_add_link(struct pack *pack, const char *host, const char *guest)
{
	char target[PATH_MAX];
	ssize_t length = readlink(host, target, sizeof(target) - 1);
	if (length < 0)
		return message_fail(
			STATUS_AIRLOCK, "-v: cannot read the link %s: %s", host, strerror(errno));
	target[length] = '\0';
	initrd_add_link(pack->initrd, guest, target);
	return 0;
}

static int volume_add_entry(struct pack *pack, const FTSENT *entry, const char *guest)
{
	struct initrd_attributes attributes = volume_attributes(entry->fts_statp);
	switch (entry->fts_info) {
	case FTS_D:
	case FTS_DEFAULT:
		initrd_add_parents(pack->initrd, guest);
		initrd_add_special(pack->initrd, guest, &attributes, NULL);
		return 0;
	case FTS_F:
		return volume_add_file(pack, entry->fts_accpath, guest, entry->fts_statp);
	case FTS_SL:
	case FTS_SLNONE:
		return volume_add_link(pack, entry->fts_accpath, guest);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return message_fail(STATUS_AIRLOCK, "-v: cannot read %s: %s", entry->fts_path,
			strerror(entry->fts_errno));
	default:
		return 0;
	}
}

int pack_volume(struct pack *pack, const char *host, const char *guest)
{
	char *root = hostfile_absolute(host);
	char *const roots[] = {root, NULL};
	/* The directory itself may be a link; those in it stay links. */
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	int status = walk ? 0 : message_fail(STATUS_AIRLOCK, "-v: %s: %s", host, strerror(errno));
	const FTSENT *entry;
	while (status == 0 && (entry = fts_read(walk)) != NULL) {
		char *place = text_format("%s%s", strcmp(guest, "/") ? guest : "",
			entry->fts_path + (strcmp(root, "/") ? strlen(root) : 0));
		status = volume_add_entry(pack, entry, place);
		free(place);
	}
	if (walk)
		fts_close(walk);
	free(root);
	return status;
}
