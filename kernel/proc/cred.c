/* Credentials as values: Linux's rules for capabilities (capabilities(7)), without files that have any of their own. */
#include "proc/cred.h"

#include <linux/securebits.h>

#include "lib/errno.h"
#include "proc/process.h"

/* Those that a change of the file system's user gives and takes. */
#define CAPS_FS                                                                               \
	(BIT(CAP_CHOWN) | BIT(CAP_MKNOD) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | \
		BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) |                \
		BIT(CAP_MAC_OVERRIDE))

void cred_init(struct credentials *c, u32 uid, u32 gid)
{
	u64 caps = uid == 0 ? CAPS_ALL : 0;

	*c = (struct credentials){
		.uid = uid,
		.euid = uid,
		.suid = uid,
		.fsuid = uid,
		.gid = gid,
		.egid = gid,
		.sgid = gid,
		.fsgid = gid,
		.permitted = caps,
		.effective = caps,
		.bounding = CAPS_ALL,
		.securebits = SECUREBITS_DEFAULT,
	};
}

bool capable(u32 capability)
{
	const struct process *p = current_process();

	return !p || cred_has(&p->cred, capability);
}

static bool secure(const struct credentials *c, u32 bit)
{
	return c->securebits & bit;
}

static bool any_root(const struct credentials *c)
{
	return c->uid == 0 || c->euid == 0 || c->suid == 0;
}

void cred_fix_users(struct credentials *c, const struct credentials *old)
{
	if (secure(c, SECBIT_NO_SETUID_FIXUP))
		return;
	/* Nothing of root is left: neither are its rights, unless the program asked to keep them. */
	if (any_root(old) && !any_root(c)) {
		if (!secure(c, SECBIT_KEEP_CAPS))
			c->permitted = c->effective = 0;
		c->ambient = 0;
	}
	if (old->euid == 0 && c->euid != 0)
		c->effective = 0;
	else if (old->euid != 0 && c->euid == 0)
		c->effective = c->permitted;
}

void cred_fix_fs_user(struct credentials *c, const struct credentials *old)
{
	if (secure(c, SECBIT_NO_SETUID_FIXUP))
		return;
	if (old->fsuid == 0 && c->fsuid != 0)
		c->effective &= ~CAPS_FS;
	else if (old->fsuid != 0 && c->fsuid == 0)
		c->effective |= c->permitted & CAPS_FS;
}

void cred_use_real(struct credentials *c)
{
	c->fsuid = c->uid;
	c->fsgid = c->gid;
	if (!secure(c, SECBIT_NO_SETUID_FIXUP))
		c->effective = c->uid == 0 ? c->permitted : 0;
}

bool cred_exec(struct credentials *c, u32 euid, u32 egid, bool no_new_privs)
{
	bool other_id = euid != c->euid || egid != c->egid, all = false;
	u64 permitted = 0;

	c->euid = c->suid = c->fsuid = euid;
	c->egid = c->sgid = c->fsgid = egid;
	if (!secure(c, SECBIT_NOROOT)) {
		if (c->uid == 0 || euid == 0)
			permitted = c->bounding | c->inheritable;
		all = euid == 0;
	}
	if (no_new_privs)
		permitted &= c->permitted;
	if (other_id)
		c->ambient = 0;
	c->permitted = permitted | c->ambient;
	c->effective = all ? c->permitted : c->ambient;
	c->securebits &= ~(u32)SECBIT_KEEP_CAPS;
	return euid != c->uid || egid != c->gid || other_id ||
	       (c->uid != 0 && (all || (c->permitted & ~c->ambient)));
}

int cred_set_caps(struct credentials *c, u64 permitted, u64 effective, u64 inheritable)
{
	if (!cred_has(c, CAP_SETPCAP) && (inheritable & ~(c->inheritable | c->permitted)))
		return -EPERM;
	if (inheritable & ~(c->inheritable | c->bounding))
		return -EPERM;
	if ((permitted & ~c->permitted) || (effective & ~permitted))
		return -EPERM;
	c->permitted = permitted;
	c->effective = effective;
	c->inheritable = inheritable;
	c->ambient &= permitted & inheritable;
	return 0;
}

int cred_drop_bound(struct credentials *c, u32 capability)
{
	if (!cred_has(c, CAP_SETPCAP))
		return -EPERM;
	c->bounding &= ~BIT(capability);
	return 0;
}

int cred_raise_ambient(struct credentials *c, u32 capability)
{
	if (!(c->permitted & c->inheritable & BIT(capability)) ||
		secure(c, SECBIT_NO_CAP_AMBIENT_RAISE))
		return -EPERM;
	c->ambient |= BIT(capability);
	return 0;
}

/* Each bit has another above it that locks it. */
int cred_set_securebits(struct credentials *c, u32 bits)
{
	u32 locked = (c->securebits & SECURE_ALL_LOCKS) >> 1;

	if ((locked & (c->securebits ^ bits)) || (c->securebits & SECURE_ALL_LOCKS & ~bits) ||
		(bits & ~(u32)(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) || !cred_has(c, CAP_SETPCAP))
		return -EPERM;
	c->securebits = bits;
	return 0;
}
