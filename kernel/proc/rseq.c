/*
 * Restartable sequences: a program's code that works on data of its CPU as if it could not be
 * interrupted there. It is let go on only if it was not: whenever the thread was switched out (and so
 * perhaps moved, or another thread of the program ran on its CPU), or a signal is about to be
 * handled, a thread that stands inside a sequence is sent to the sequence's abort address instead.
 *
 * The switch sets WORK_RSEQ in the work word of the thread that leaves, unless that is in a system call, which no sequence
 * may make, and in the one of a thread that comes to a CPU that it has not been told of. So the check is made in the
 * exit work of the next return to ring 3; it sees the frame with which the thread will go on, and it
 * is made before a handler's frame is built from that. The exit path looks at the work word with
 * interrupts off, and from there on nothing switches, so no sequence goes on after a switch unseen. If
 * the check itself is switched away (its accesses to the program's memory may fault and sleep), the bit
 * is set again, and the check made again (hazard B34).
 *
 * All that is read here is the program's and may lie. Each word is read once, then checked, then used;
 * the only power it has is to choose an address in the program's half, in front of which the program
 * must have put the signature that it registered. Whatever is wrong ends in SIGSEGV.
 */
#include "proc/rseq.h"

#include <linux/rseq.h>

#include "arch/cpu.h"
#include "arch/layout.h"
#include "arch/sanitize.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/signal.h"

#define AREA_SIZE 32U
#define FIELD(area, name) ((area) + offsetof(struct rseq, name))

static int put_cpu(uaddr_t area, u32 start, u32 cpu)
{
	if (put_user_u32(FIELD(area, cpu_id_start), start) ||
		put_user_u32(FIELD(area, cpu_id), cpu))
		return -EFAULT;
	return 0;
}

/* -- registering -- */

int rseq_register(uaddr_t area, u32 length, u32 signature)
{
	struct thread *t = current_thread();
	struct thread_rseq *r = &t->rseq;

	if (r->area) {
		if (r->area != area || r->length != length)
			return -EINVAL;
		return r->signature == signature ? -EBUSY : -EPERM;
	}
	if (length < AREA_SIZE || !IS_ALIGNED(area, AREA_SIZE) || !area)
		return -EINVAL;
	if (!user_range_ok(area, length))
		return -EFAULT;
	*r = (struct thread_rseq){.area = area, .length = length, .signature = signature};
	/* The program finds its CPU there when the call returns. */
	atomic32_fetch_or(&t->arch.work, WORK_RSEQ);
	return 0;
}

int rseq_unregister(uaddr_t area, u32 length, u32 signature)
{
	struct thread_rseq *r = &current_thread()->rseq;

	if (!r->area || r->area != area || r->length != length)
		return -EINVAL;
	if (r->signature != signature)
		return -EPERM;
	if (put_cpu(area, 0, (u32)RSEQ_CPU_ID_UNINITIALIZED))
		return -EFAULT;
	*r = (struct thread_rseq){0};
	return 0;
}

void rseq_fork(struct thread *child)
{
	child->rseq = current_thread()->rseq;
	if (child->rseq.area)
		atomic32_fetch_or(&child->arch.work, WORK_RSEQ);
}

void rseq_exec(void)
{
	current_thread()->rseq = (struct thread_rseq){0};
}

/* -- the check -- */

/* Nothing in it can lead anywhere but into the program's half, to a place that it has signed. */
static int sequence_check(const struct thread_rseq *r, const struct rseq_cs *cs)
{
	u32 flags, signature;

	if (cs->start_ip >= USER_END || cs->abort_ip >= USER_END ||
		cs->post_commit_offset >= USER_END - cs->start_ip || cs->version != 0)
		return -EINVAL;
	/* The way out of a sequence must not lie in it. */
	if (cs->abort_ip - cs->start_ip < cs->post_commit_offset)
		return -EINVAL;
	if (get_user_u32(&signature, cs->abort_ip - sizeof(signature)) ||
		get_user_u32(&flags, FIELD(r->area, flags)))
		return -EFAULT;
	/* The flags that once kept a sequence from being left are gone from Linux, too. */
	return signature != r->signature || flags || cs->flags ? -EINVAL : 0;
}

static bool inside(const struct rseq_cs *cs, u64 ip)
{
	return ip - cs->start_ip < cs->post_commit_offset;
}

static int sequence_leave(const struct thread_rseq *r, u64 address, struct trap_frame *frame)
{
	struct rseq_cs cs;

	if (copy_from_user(&cs, address, sizeof(cs)))
		return -EFAULT;
	int err = sequence_check(r, &cs);
	if (!err)
		err = put_user_u64(FIELD(r->area, rseq_cs), 0);
	if (!err && inside(&cs, frame->rip))
		frame_set_rip(frame, cs.abort_ip);
	return err;
}

static NOINLINE void leave_and_tell(struct trap_frame *frame)
{
	struct thread_rseq *r = &current_thread()->rseq;
	u64 address;

	int err = get_user_u64(&address, FIELD(r->area, rseq_cs));
	if (!err && address)
		err = sequence_leave(r, address, frame);
	/* If the thread moves between the question and the answer, the bit is set again. */
	u32 cpu = this_cpu()->id;
	if (!err)
		err = put_cpu(r->area, cpu, cpu);
	r->told_cpu = cpu + 1;
	if (!err)
		return;
	*r = (struct thread_rseq){0};
	signal_force_segv("a restartable sequence that is not valid");
}

void rseq_check(struct trap_frame *frame)
{
	const struct thread_rseq *r = &current_thread()->rseq;
	u64 address;

	/* Mostly the program is in no sequence and knows its CPU. */
	if (UNLIKELY(r->told_cpu != this_cpu()->id + 1 ||
		     get_user_u64(&address, FIELD(r->area, rseq_cs)) || address))
		leave_and_tell(frame);
}

void rseq_check_call(struct trap_frame *frame)
{
	const struct thread_rseq *r = &current_thread()->rseq;
	struct rseq_cs cs;
	u64 address;

	if (r->area && !get_user_u64(&address, FIELD(r->area, rseq_cs)) && address &&
		!copy_from_user(&cs, address, sizeof(cs)) && inside(&cs, frame->rip))
		signal_force_segv("a system call inside a restartable sequence");
}
