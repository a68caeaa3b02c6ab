/*
 * The cpio formats newc and crc. An entry is
 *
 *     110 bytes of header: the magic and 13 numbers of 8 hexadecimal digits
 *     the name with its NUL, filled up so that what follows is at a multiple of 4 bytes of the archive
 *     the contents, filled up likewise
 *
 * and the entry named TRAILER!!! ends the archive. All places are compared with what is left of the archive, so that no
 * number in it can lead outside.
 */
#include "lib/cpio.h"

#include "lib/errno.h"
#include "lib/string.h"

#define MAGIC_LENGTH 6
#define DIGITS 8
#define HEADER_LENGTH (MAGIC_LENGTH + FIELDS * DIGITS)
#define NAME_MAX_BYTES 4096
#define CPIO_ALIGN 4

enum field {
	FIELD_INO,
	FIELD_MODE,
	FIELD_UID,
	FIELD_GID,
	FIELD_NLINK,
	FIELD_MTIME,
	FIELD_SIZE,
	FIELD_DEV_MAJOR,
	FIELD_DEV_MINOR,
	FIELD_RDEV_MAJOR,
	FIELD_RDEV_MINOR,
	FIELD_NAME_SIZE,
	FIELD_CHECK,
	FIELDS,
};

static bool read_hex(const u8 *p, u32 *out)
{
	u32 value = 0;

	for (u32 i = 0; i < DIGITS; i++) {
		u32 digit;
		if (p[i] >= '0' && p[i] <= '9')
			digit = p[i] - '0';
		else if (p[i] >= 'a' && p[i] <= 'f')
			digit = p[i] - 'a' + 10;
		else if (p[i] >= 'A' && p[i] <= 'F')
			digit = p[i] - 'A' + 10;
		else
			return false;
		value = value << 4 | digit;
	}
	*out = value;
	return true;
}

static bool read_header(const u8 *p, u32 fields[FIELDS], bool *has_check)
{
	*has_check = memcmp(p, "070702", MAGIC_LENGTH) == 0;
	if (!*has_check && memcmp(p, "070701", MAGIC_LENGTH) != 0)
		return false;
	for (u32 i = 0; i < FIELDS; i++)
		if (!read_hex(p + MAGIC_LENGTH + i * DIGITS, &fields[i]))
			return false;
	return true;
}

/* Takes n bytes at *offset, and the filling after them. The filling may be missing at the very end. */
static const u8 *take(const struct cpio *c, size_t *offset, size_t n)
{
	const u8 *p = c->archive + *offset;

	if (n > c->size - *offset)
		return NULL;
	*offset = MIN(ALIGN_UP(*offset + n, CPIO_ALIGN), c->size);
	return p;
}

static bool name_ok(const char *name, u32 size)
{
	return size >= 2 && size <= NAME_MAX_BYTES && strnlen(name, size) == size - 1;
}

static bool check_ok(const u8 *data, size_t n, u32 check)
{
	u32 sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += data[i];
	return sum == check;
}

int cpio_next(struct cpio *c, struct cpio_entry *out)
{
	size_t offset = c->offset;
	u32 f[FIELDS];
	bool has_check;

	if (c->size - offset < HEADER_LENGTH || !read_header(c->archive + offset, f, &has_check))
		return -EINVAL;
	/* Header and name are filled up together. */
	const u8 *header = take(c, &offset, HEADER_LENGTH + (size_t)f[FIELD_NAME_SIZE]);
	if (!header || !name_ok((const char *)header + HEADER_LENGTH, f[FIELD_NAME_SIZE]))
		return -EINVAL;
	const u8 *data = take(c, &offset, f[FIELD_SIZE]);
	if (!data || (has_check && !check_ok(data, f[FIELD_SIZE], f[FIELD_CHECK])))
		return -EINVAL;
	const char *name = (const char *)header + HEADER_LENGTH;
	if (strcmp(name, "TRAILER!!!") == 0)
		return 0;
	c->offset = offset;
	*out = (struct cpio_entry){
		.name = name,
		.name_length = f[FIELD_NAME_SIZE] - 1,
		.ino = f[FIELD_INO],
		.mode = f[FIELD_MODE],
		.uid = f[FIELD_UID],
		.gid = f[FIELD_GID],
		.nlink = f[FIELD_NLINK],
		.mtime = f[FIELD_MTIME],
		.dev_major = f[FIELD_DEV_MAJOR],
		.dev_minor = f[FIELD_DEV_MINOR],
		.rdev_major = f[FIELD_RDEV_MAJOR],
		.rdev_minor = f[FIELD_RDEV_MINOR],
		.data = data,
		.size = f[FIELD_SIZE],
	};
	return 1;
}
