/* Building signal frames and taking them apart: see arch/signal_frame.h for the layout. */
#include "arch/signal_frame.h"

#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/ucontext.h>

#include "arch/control.h"
#include "arch/sanitize.h"
#include "arch/ucopy.h"
#include "cpu/fpu.h"
#include "entry/exception.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "signal/xstate.h"

#define RED_ZONE 128
#define XSTATE_ALIGNMENT 64
#define STACK_ALIGNMENT 16
#define UC_FLAGS (UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS)

struct rt_sigframe {
	u64 restorer;
	struct ucontext uc;
	union {
		struct signal_info info;
		siginfo_t whole;
	};
};

/* Flags that a frame may change; Linux keeps NT and ID as they are. */
#define RFLAGS_FRAME                                                                         \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF | RFLAGS_DF | \
		RFLAGS_OF | RFLAGS_RF | RFLAGS_AC)

bool signal_stack_contains(const stack_t *stack, u64 sp)
{
	u64 start = (u64)stack->ss_sp;

	return sp > start && sp - start <= stack->ss_size;
}

/* Programs that use SS_AUTODISARM don't want to be taken for being on the stack. */
static bool on_stack(const stack_t *stack, u64 sp)
{
	return !(stack->ss_flags & SS_AUTODISARM) && signal_stack_contains(stack, sp);
}

u64 arch_signal_frame_size(void)
{
	/* With what alignment may take. */
	return sizeof(struct rt_sigframe) + xstate_frame_size() + XSTATE_ALIGNMENT +
	       STACK_ALIGNMENT;
}

struct frame_place {
	uaddr_t frame, xstate;
};

static int choose_place(
	const struct trap_frame *f, const struct signal_setup *s, struct frame_place *place)
{
	bool nested = on_stack(&s->stack, f->rsp), entering = false;
	u64 sp = f->rsp - RED_ZONE;

	if ((s->action->sa_flags & SA_ONSTACK) && s->stack.ss_size && !on_stack(&s->stack, sp)) {
		sp = (u64)s->stack.ss_sp + s->stack.ss_size;
		entering = true;
	}
	place->xstate = ALIGN_DOWN(sp - xstate_frame_size(), XSTATE_ALIGNMENT);
	place->frame = ALIGN_DOWN(place->xstate - sizeof(struct rt_sigframe), STACK_ALIGNMENT) - 8;
	/* Nothing is written below an alternate stack. */
	if ((nested || entering) && !signal_stack_contains(&s->stack, place->frame))
		return -EFAULT;
	return 0;
}

static void save_registers(
	struct sigcontext *c, const struct trap_frame *f, const struct signal_setup *s)
{
	*c = (struct sigcontext){
		.r8 = f->r8,
		.r9 = f->r9,
		.r10 = f->r10,
		.r11 = f->r11,
		.r12 = f->r12,
		.r13 = f->r13,
		.r14 = f->r14,
		.r15 = f->r15,
		.rdi = f->rdi,
		.rsi = f->rsi,
		.rbp = f->rbp,
		.rbx = f->rbx,
		.rdx = f->rdx,
		.rax = f->rax,
		.rcx = f->rcx,
		.rsp = f->rsp,
		.rip = f->rip,
		.eflags = f->rflags,
		.cs = (u16)f->cs,
		.ss = (u16)f->ss,
		.err = s->error,
		.trapno = s->trap,
		.oldmask = s->blocked,
		.cr2 = s->cr2,
	};
}

static void fill_frame(struct rt_sigframe *r, const struct trap_frame *f,
	const struct signal_setup *s, uaddr_t xstate)
{
	r->restorer = (u64)s->action->sa_restorer;
	r->uc.uc_flags = UC_FLAGS;
	r->uc.uc_link = NULL;
	r->uc.uc_stack = s->stack;
	save_registers(&r->uc.uc_mcontext, f, s);
	r->uc.uc_mcontext.fpstate = (void *)xstate;
	r->uc.uc_sigmask = s->blocked;
	memset(&r->whole, 0, sizeof(r->whole));
	r->info = *s->info;
}

int arch_signal_enter(struct trap_frame *f, const struct signal_setup *s)
{
	struct rt_sigframe r;
	struct frame_place place;

	if (!(s->action->sa_flags & SA_RESTORER))
		return -EFAULT;
	int err = choose_place(f, s, &place);
	if (!err)
		err = xstate_save_user(place.xstate);
	if (err)
		return err;
	fill_frame(&r, f, s, place.xstate);
	if (copy_to_user(place.frame, &r, sizeof(r)))
		return -EFAULT;

	/* The handler begins with clean vector state, whatever was interrupted. */
	fpu_clear();
	f->rdi = s->info->si_signo;
	f->rsi = place.frame + offsetof(struct rt_sigframe, info);
	f->rdx = place.frame + offsetof(struct rt_sigframe, uc);
	f->rax = 0;
	f->rip = (u64)s->action->sa_handler;
	f->rsp = place.frame;
	f->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	frame_sanitize(f);
	return 0;
}

static void load_registers(struct trap_frame *f, const struct sigcontext *c)
{
	f->r8 = c->r8;
	f->r9 = c->r9;
	f->r10 = c->r10;
	f->r11 = c->r11;
	f->r12 = c->r12;
	f->r13 = c->r13;
	f->r14 = c->r14;
	f->r15 = c->r15;
	f->rdi = c->rdi;
	f->rsi = c->rsi;
	f->rbp = c->rbp;
	f->rbx = c->rbx;
	f->rdx = c->rdx;
	f->rax = c->rax;
	f->rcx = c->rcx;
	f->rsp = c->rsp;
	f->rip = c->rip;
	f->rflags = (f->rflags & ~RFLAGS_FRAME) | (c->eflags & RFLAGS_FRAME);
}

static bool is_canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

static void refuse(struct signal_restored *out, s32 code, u64 address, u64 trap, u64 error)
{
	out->segv_code = code;
	out->segv_address = address;
	out->trap = trap;
	out->error = error;
}

/* What IRET to this context would raise on Linux. The selectors that it would take besides ours
 * belong to 32-bit programs, which there are none of. */
static void check_entry(
	const struct trap_frame *f, const struct ucontext *uc, struct signal_restored *out)
{
	u16 cs = uc->uc_mcontext.cs | 3, ss = uc->uc_mcontext.ss | 3;
	bool strict = uc->uc_flags & UC_STRICT_RESTORE_SS;

	if (cs != USER_CS)
		refuse(out, SI_KERNEL, 0, VECTOR_GP, cs & ~3U);
	else if (strict && ss != USER_DS)
		refuse(out, SI_KERNEL, 0, VECTOR_GP, ss & ~3U);
	else if (!is_canonical(f->rip))
		refuse(out, SI_KERNEL, 0, VECTOR_GP, 0);
	else if (f->rip >= USER_END)
		refuse(out, SEGV_MAPERR, f->rip, VECTOR_PF, PF_USER | PF_EXEC | PF_PRESENT);
}

int arch_signal_return(struct trap_frame *f, struct signal_restored *out)
{
	uaddr_t frame = f->rsp - sizeof(u64);
	struct ucontext uc;

	*out = (struct signal_restored){0};
	if (!user_range_ok(frame, sizeof(struct rt_sigframe)) ||
		copy_from_user(&uc, frame + offsetof(struct rt_sigframe, uc), sizeof(uc)))
		return -EFAULT;
	out->read = true;
	out->blocked = uc.uc_sigmask;
	out->stack = uc.uc_stack;
	load_registers(f, &uc.uc_mcontext);
	check_entry(f, &uc, out);
	return xstate_restore_user((uaddr_t)uc.uc_mcontext.fpstate);
}
