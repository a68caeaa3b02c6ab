/*
 * capget(2), capset(2), and what prctl(2) does with capabilities.
 *
 * They are the process's, not the thread's (proc/cred.h): capget() of any thread of it tells the same, and only the caller's own
 * process can be changed, as on Linux.
 */
#include "sys/capability.h"

#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/securebits.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/sys.h"

/* The first version had sets of 32 bits; the second had a mistake in a header, and is the third otherwise. */
#define WORDS_MAX _LINUX_CAPABILITY_U32S_3

static struct credentials cred_of(struct process *p)
{
	spin_lock(&p->lock);
	struct credentials c = p->cred;
	spin_unlock(&p->lock);
	return c;
}

/* How many words of sets a version has, 0 if it is none. */
static u32 words_of_version(u32 version)
{
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return WORDS_MAX;
	default:
		return 0;
	}
}

/* A version that is none is answered by the one that is preferred, whatever follows it; then *words is 0. */
static int read_header(uaddr_t header, struct __user_cap_header_struct *h, u32 *words)
{
	*words = 0;
	if (copy_from_user(&h->version, header, sizeof(h->version)))
		return -EFAULT;
	*words = words_of_version(h->version);
	if (!*words)
		return put_user_u32(header, _LINUX_CAPABILITY_VERSION_3) ? -EFAULT : -EINVAL;
	u64 place = header + offsetof(struct __user_cap_header_struct, pid);
	return copy_from_user(&h->pid, place, sizeof(h->pid)) ? -EFAULT : 0;
}

s64 sys_capget(uaddr_t header, uaddr_t data)
{
	struct __user_cap_data_struct out[WORDS_MAX];
	struct __user_cap_header_struct h;
	u32 words;

	int err = read_header(header, &h, &words);
	/* Who gives no place for the sets only asks for the version. */
	if (!data && (!err || (err == -EINVAL && !words)))
		return 0;
	if (err)
		return err;
	if (h.pid < 0)
		return -EINVAL;
	struct thread *t = h.pid ? process_find_thread((u32)h.pid) : NULL;
	if (h.pid && !t)
		return -ESRCH;
	struct credentials c = cred_of(t ? t->process : current_process());
	if (t)
		thread_put(t);
	for (u32 i = 0; i < words; i++)
		out[i] = (struct __user_cap_data_struct){
			.effective = (u32)(c.effective >> 32 * i),
			.permitted = (u32)(c.permitted >> 32 * i),
			.inheritable = (u32)(c.inheritable >> 32 * i),
		};
	return copy_to_user(data, out, words * sizeof(out[0]));
}

s64 sys_capset(uaddr_t header, uaddr_t data)
{
	struct __user_cap_data_struct in[WORDS_MAX] = {{0}};
	struct __user_cap_header_struct h;
	struct process *p = current_process();
	u32 words;

	int err = read_header(header, &h, &words);
	if (err)
		return err;
	if (h.pid != 0 && (u32)h.pid != current_thread()->tid)
		return -EPERM;
	if (copy_from_user(in, data, words * sizeof(in[0])))
		return -EFAULT;
	/* Those that do not exist are not asked for. */
	u64 effective = (in[0].effective | (u64)in[1].effective << 32) & CAPS_ALL;
	u64 permitted = (in[0].permitted | (u64)in[1].permitted << 32) & CAPS_ALL;
	u64 inheritable = (in[0].inheritable | (u64)in[1].inheritable << 32) & CAPS_ALL;

	spin_lock(&p->lock);
	err = cred_set_caps(&p->cred, permitted, effective, inheritable);
	spin_unlock(&p->lock);
	return err;
}

s64 capability_prctl_bound(bool drop, u64 capability)
{
	struct process *p = current_process();

	if (!drop)
		return capability > CAP_LAST_CAP
			       ? -EINVAL
			       : !!(READ_ONCE(p->cred.bounding) & BIT(capability));
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (capability > CAP_LAST_CAP)
		return -EINVAL;
	spin_lock(&p->lock);
	int err = cred_drop_bound(&p->cred, (u32)capability);
	spin_unlock(&p->lock);
	return err;
}

static s64 ambient_change_locked(struct process *p, u64 action, u64 capability) REQUIRES(&p->lock)
{
	switch (action) {
	case PR_CAP_AMBIENT_IS_SET:
		return !!(p->cred.ambient & BIT(capability));
	case PR_CAP_AMBIENT_RAISE:
		return cred_raise_ambient(&p->cred, (u32)capability);
	case PR_CAP_AMBIENT_LOWER:
		p->cred.ambient &= ~BIT(capability);
		return 0;
	default:
		return -EINVAL;
	}
}

s64 capability_prctl_ambient(u64 action, u64 capability, u64 c, u64 d)
{
	struct process *p = current_process();
	s64 result = 0;

	if (c || d ||
		(action == PR_CAP_AMBIENT_CLEAR_ALL ? capability != 0 : capability > CAP_LAST_CAP))
		return -EINVAL;
	spin_lock(&p->lock);
	if (action == PR_CAP_AMBIENT_CLEAR_ALL)
		p->cred.ambient = 0;
	else
		result = ambient_change_locked(p, action, capability);
	spin_unlock(&p->lock);
	return result;
}

s64 capability_prctl_securebits(u64 bits)
{
	struct process *p = current_process();

	if (bits > UINT32_MAX)
		return -EPERM;
	spin_lock(&p->lock);
	int err = cred_set_securebits(&p->cred, (u32)bits);
	spin_unlock(&p->lock);
	return err;
}

s64 capability_prctl_keep(u64 value)
{
	struct process *p = current_process();
	int err = 0;

	if (value > 1)
		return -EINVAL;
	spin_lock(&p->lock);
	if (p->cred.securebits & SECBIT_KEEP_CAPS_LOCKED)
		err = -EPERM;
	else if (value)
		p->cred.securebits |= SECBIT_KEEP_CAPS;
	else
		p->cred.securebits &= ~(u32)SECBIT_KEEP_CAPS;
	spin_unlock(&p->lock);
	return err;
}
