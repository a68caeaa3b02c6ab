/*
 * ptrace(2): a tracee's registers and memory.
 *
 * struct user is what core files once began with; no UAPI header has it, so its two offsets that mean
 * anything still, and its size, are here: the general registers at 0, the debug registers behind
 * everything else but three words.
 */
#include <asm/prctl.h>
#include <linux/elf.h>
#include <linux/uio.h>

#include "arch/debug.h"
#include "arch/layout.h"
#include "arch/registers.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sys/ptrace.h"

#define USER_DEBUG_OFFSET 848U
#define USER_DEBUG_COUNT 8U
#define USER_SIZE 928U

/* -- memory -- */

s64 tracee_peek(struct thread *t, uaddr_t address, uaddr_t out)
{
	struct mm *mm = process_get_mm(t->process);
	u64 word = 0;

	if (!mm)
		return -EIO;
	int err = mm_read_forced(mm, &word, address, sizeof(word));
	mm_put_user(mm);
	return err ? -EIO : put_user_u64(out, word);
}

s64 tracee_poke(struct thread *t, uaddr_t address, u64 word)
{
	struct mm *mm = process_get_mm(t->process);

	if (!mm)
		return -EIO;
	int err = mm_write_forced(mm, address, &word, sizeof(word));
	mm_put_user(mm);
	return err ? -EIO : 0;
}

/* -- registers -- */

/* What orig_rax is, is known where the thread stopped. */
static u64 register_get(const struct thread *t, u32 index)
{
	return index == REGISTER_ORIG_RAX ? (u64)t->trace.call : arch_register_get(&t->arch, index);
}

static int register_set(struct thread *t, u32 index, u64 value)
{
	if (index != REGISTER_ORIG_RAX)
		return arch_register_set(&t->arch, index, value);
	t->trace.call = (s64)value;
	return 0;
}

/* An offset into struct user, of a whole word. */
static bool is_debug(u64 offset)
{
	return offset >= USER_DEBUG_OFFSET && offset < USER_DEBUG_OFFSET + 8 * USER_DEBUG_COUNT;
}

s64 tracee_peek_user(struct thread *t, u64 offset, uaddr_t out)
{
	u64 value = 0;

	if (offset % 8 || offset >= USER_SIZE)
		return -EIO;
	if (offset / 8 < REGISTER_COUNT)
		value = register_get(t, (u32)offset / 8);
	else if (is_debug(offset))
		value = arch_debug_get(&t->arch, (u32)(offset - USER_DEBUG_OFFSET) / 8);
	return put_user_u64(out, value);
}

s64 tracee_poke_user(struct thread *t, u64 offset, u64 value)
{
	if (offset % 8 || offset >= USER_SIZE)
		return -EIO;
	if (offset / 8 < REGISTER_COUNT)
		return register_set(t, (u32)offset / 8, value);
	if (is_debug(offset))
		return arch_debug_set(&t->arch, (u32)(offset - USER_DEBUG_OFFSET) / 8, value);
	return -EIO;
}

static s64 get_general(struct thread *t, uaddr_t out, u64 bytes)
{
	u64 words[REGISTER_COUNT];

	for (u32 i = 0; i < REGISTER_COUNT; i++)
		words[i] = register_get(t, i);
	return copy_to_user(out, words, bytes);
}

static s64 set_general(struct thread *t, uaddr_t from, u64 bytes)
{
	u64 words[REGISTER_COUNT];
	int err = copy_from_user(words, from, bytes);

	/* As on Linux: those before a bad one stay set. */
	for (u32 i = 0; i < bytes / 8 && !err; i++)
		err = register_set(t, i, words[i]);
	return err;
}

s64 tracee_get_registers(struct thread *t, uaddr_t out)
{
	return get_general(t, out, REGISTER_COUNT * sizeof(u64));
}

s64 tracee_set_registers(struct thread *t, uaddr_t from)
{
	return set_general(t, from, REGISTER_COUNT * sizeof(u64));
}

/* -- the vector state, through a buffer: the tracer's memory may not be there yet -- */

static s64 get_vector(struct thread *t, uaddr_t out, u64 bytes, bool extended)
{
	void *buffer = kmalloc(extended ? arch_xstate_size() : FXSTATE_SIZE);

	if (!buffer)
		return -ENOMEM;
	if (extended)
		arch_xstate_get(&t->arch, buffer);
	else
		arch_fxstate_get(&t->arch, buffer);
	s64 err = copy_to_user(out, buffer, bytes);
	kfree(buffer);
	return err;
}

static s64 set_vector(struct thread *t, uaddr_t from, u64 bytes, bool extended)
{
	u64 size = extended ? arch_xstate_size() : FXSTATE_SIZE;

	/* Only as a whole. */
	if (bytes != size)
		return extended ? -EFAULT : -EINVAL;
	void *buffer = kmalloc(size);
	if (!buffer)
		return -ENOMEM;
	int err = copy_from_user(buffer, from, size);
	if (!err)
		err = extended ? arch_xstate_set(&t->arch, buffer)
			       : arch_fxstate_set(&t->arch, buffer);
	kfree(buffer);
	return err;
}

s64 tracee_get_vector(struct thread *t, uaddr_t out)
{
	return get_vector(t, out, FXSTATE_SIZE, false);
}

s64 tracee_set_vector(struct thread *t, uaddr_t from)
{
	return set_vector(t, from, FXSTATE_SIZE, false);
}

/* -- register sets -- */

static u64 set_size(u64 type)
{
	switch (type) {
	case NT_PRSTATUS:
		return REGISTER_COUNT * sizeof(u64);
	case NT_PRFPREG:
		return FXSTATE_SIZE;
	case NT_X86_XSTATE:
		return arch_xstate_size();
	default:
		return 0;
	}
}

static s64 move_set(struct thread *t, u64 type, uaddr_t base, u64 bytes, bool set)
{
	bool extended = type == NT_X86_XSTATE;

	if (type == NT_PRSTATUS)
		return set ? set_general(t, base, bytes) : get_general(t, base, bytes);
	return set ? set_vector(t, base, bytes, extended) : get_vector(t, base, bytes, extended);
}

s64 tracee_register_set(struct thread *t, u64 type, uaddr_t iovec, bool set)
{
	uaddr_t length_at = iovec + offsetof(struct iovec, iov_len);
	u64 base, length, size = set_size(type);

	if (get_user_u64(&base, iovec) || get_user_u64(&length, length_at))
		return -EFAULT;
	if (!size || length % sizeof(u64))
		return -EINVAL;
	length = MIN(length, size);
	s64 err = move_set(t, type, base, length, set);
	return err ? err : put_user_u64(length_at, length);
}

/* -- arch_prctl(2) of a tracee -- */

static s64 set_base(struct thread *t, u32 index, u64 base)
{
	return base >= USER_END ? -EPERM : arch_register_set(&t->arch, index, base);
}

s64 tracee_arch_prctl(struct thread *t, u64 code, u64 argument)
{
	switch (code) {
	case ARCH_SET_FS:
		return set_base(t, REGISTER_FS_BASE, argument);
	case ARCH_SET_GS:
		return set_base(t, REGISTER_GS_BASE, argument);
	case ARCH_GET_FS:
		return put_user_u64(argument, arch_register_get(&t->arch, REGISTER_FS_BASE));
	case ARCH_GET_GS:
		return put_user_u64(argument, arch_register_get(&t->arch, REGISTER_GS_BASE));
	default:
		return -EINVAL;
	}
}
