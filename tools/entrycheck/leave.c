/*
 * The ways out of the checked code, and what each must give back.
 *
 * To ring 3: the program's GS, root and registers, nothing left pending. To ring 0: exactly what was found, because whoever
 * was interrupted is explored as if nothing had happened.
 */
#include "plain.h"

#include <stdio.h>

#define USER_RPL 3
#define VECTOR_TS 10
#define VECTOR_NP 11
#define VECTOR_SS 12
#define VECTOR_GP 13

/* A register of the program's, on the way back: its own value or zero. After SYSCALL, RCX and R11 hold RIP and RFLAGS. */
static bool register_is_safe(const struct state *s, const struct context *c, unsigned r)
{
	value_t v = s->reg[r];
	if (v == value_orig((enum reg)r) || v == value_const(0))
		return true;
	bool by_syscall = c->door->kind == DOOR_SYSCALL || s->verdict == 1;
	return by_syscall && ((r == R_RCX && v == value_orig(R_RIP)) ||
				     (r == R_R11 && v == value_orig(R_RFLAGS)));
}

static void check_registers(struct explorer *e, int node)
{
	const struct state *s = e->nodes[node].state;
	const struct context *c = &e->contexts[s->context];
	for (unsigned r = 0; r < GPR_COUNT; r++)
		if (r != R_RSP && !register_is_safe(s, c, r))
			explore_violation(e, node, "ring 3 gets %s in %s",
				value_text(e->m, s->reg[r]), reg_names[r]);
}

/* What must hold at any return to ring 3. */
static void check_to_user(struct explorer *e, int node)
{
	const struct state *s = e->nodes[node].state;
	const struct model *m = e->m;
	if (s->gs != BASE_USER)
		explore_violation(e, node, "ring 3 gets the kernel's GS base");
	if (s->igs != BASE_KERNEL)
		explore_violation(
			e, node, "the kernel's GS base is lost: the inactive one is the program's");
	if (s->cr3 != m->user_root)
		explore_violation(e, node, "ring 3 gets root %s instead of %s",
			m->roots[s->cr3].name, m->roots[m->user_root].name);
	if (s->iflag != 0)
		explore_violation(e, node, "interrupts are on at the return to ring 3");
	const struct door *d = e->contexts[s->context].door;
	/* Its own frame is what the return consumes. */
	if (s->live & ~(d->ist ? 1U << d->region : 0))
		explore_violation(
			e, node, "an IST stack still holds a live frame at the return to ring 3");
	for (unsigned w = 0; w < m->word_count; w++)
		if (!m->words[w].scratch && s->word[w] != m->words[w].values[0])
			explore_violation(e, node, "ring 3 is entered with %s left in %s",
				value_text(m, s->word[w]), m->words[w].name);
	check_registers(e, node);
}

static void check_found(struct explorer *e, int node, bool ok, const char *what, value_t is)
{
	if (!ok)
		explore_violation(e, node, "the interrupted kernel code gets %s as its %s",
			value_text(e->m, is), what);
}

/* The interrupted code runs on the same machine as before: registers, bases, root, latch, words. */
static void check_transparent(struct explorer *e, int node, const struct iret_frame *f)
{
	const struct state *s = e->nodes[node].state;
	const struct context *c = &e->contexts[s->context];
	const struct model *m = e->m;
	value_t rip = c->rip ? value_const((int64_t)c->rip) : value_orig(R_RIP);
	check_found(e, node, f->rip == rip, "RIP", f->rip);
	check_found(e, node, f->cs == value_orig(R_CS), "CS", f->cs);
	check_found(e, node, f->rflags == value_orig(R_RFLAGS), "RFLAGS", f->rflags);
	check_found(e, node, f->rsp == value_orig(R_RSP), "RSP", f->rsp);
	check_found(e, node, f->ss == value_orig(R_SS), "SS", f->ss);
	for (unsigned r = 0; r < GPR_COUNT; r++)
		if (r != R_RSP)
			check_found(e, node, s->reg[r] == value_orig((enum reg)r), reg_names[r],
				s->reg[r]);
	if (s->gs != c->gs || s->igs != c->igs)
		explore_violation(e, node,
			"the interrupted kernel code goes on with %s GS base, it had %s",
			s->gs == BASE_KERNEL ? "the kernel's" : "the program's",
			c->gs == BASE_KERNEL ? "the kernel's" : "the program's");
	if (s->cr3 != c->cr3)
		explore_violation(e, node,
			"the interrupted kernel code goes on in root %s, it ran in %s",
			m->roots[s->cr3].name, m->roots[c->cr3].name);
	if (c->latch)
		explore_violation(e, node,
			"this IRET ends the blocking of NMIs while an NMI handler is interrupted");
	for (unsigned w = 0; w < m->word_count; w++)
		if (s->word[w] != c->word[w])
			explore_violation(e, node, "%s was %s when interrupted and is now %s",
				m->words[w].name, value_text(m, c->word[w]),
				value_text(m, s->word[w]));
}

static bool pop_frame(struct explorer *e, int node, struct iret_frame *f)
{
	const struct state *s = e->nodes[node].state;
	value_t rsp = s->reg[R_RSP];
	if (!value_is(rsp, V_ADDR)) {
		explore_violation(e, node, "IRETQ while RSP holds %s", value_text(e->m, rsp));
		return false;
	}
	unsigned region = value_region(rsp);
	int32_t at = value_offset(rsp);
	if (!explore_mapped(e, node, region, "IRETQ can't read its frame"))
		return false;
	f->rip = state_slot(s, region, at);
	f->cs = state_slot(s, region, at + 8);
	f->rflags = state_slot(s, region, at + 16);
	f->rsp = state_slot(s, region, at + 24);
	f->ss = state_slot(s, region, at + 32);
	return true;
}

/* 3, 0, or -1 if the frame's CS can't be known. */
static int ring_of(const struct context *c, value_t cs)
{
	if (cs == value_orig(R_CS))
		return c->from_user ? 3 : 0;
	return value_is(cs, V_CONST) ? (int)(value_number(cs) & USER_RPL) : -1;
}

static void check_user_frame(struct explorer *e, int node, const struct iret_frame *f)
{
	if (f->rip != value_orig(R_RIP))
		explore_violation(e, node, "ring 3 goes on at %s", value_text(e->m, f->rip));
	if (f->rflags != value_orig(R_RFLAGS))
		explore_violation(e, node, "ring 3 gets %s as RFLAGS", value_text(e->m, f->rflags));
	if (f->rsp != value_orig(R_RSP))
		explore_violation(e, node, "ring 3 gets %s as RSP", value_text(e->m, f->rsp));
	bool ss_ok = f->ss == value_orig(R_SS) ||
		     (value_is(f->ss, V_CONST) && (value_number(f->ss) & USER_RPL) == USER_RPL);
	if (!ss_ok)
		explore_violation(e, node, "ring 3 gets %s as SS", value_text(e->m, f->ss));
}

void leave_iret(struct explorer *e, int node)
{
	struct iret_frame f;
	const struct state *s = e->nodes[node].state;
	const struct context *c = &e->contexts[s->context];
	if (!pop_frame(e, node, &f))
		return;
	int ring = ring_of(c, f.cs);
	if (ring == 0) {
		if (!plain_return(e, node, &f))
			check_transparent(e, node, &f);
		return;
	}
	if (ring < 0) {
		explore_violation(e, node, "IRETQ with %s as CS", value_text(e->m, f.cs));
		return;
	}
	check_to_user(e, node);
	check_user_frame(e, node, &f);
	/* What the CPU itself pushed, it takes back. Any other frame may be refused, in ring 0 with everything already the
	 * program's (rule 9). */
	if (c->door->kind == DOOR_VECTOR && !s->changed)
		return;
	if (e->m->fault_ok && e->m->fault_ok != s->rip)
		explore_violation(e, node, "an IRETQ to ring 3 whose fault nobody expects");
	static const unsigned faults[] = {VECTOR_TS, VECTOR_NP, VECTOR_SS, VECTOR_GP};
	for (unsigned i = 0; i < 4; i++)
		event_fault(e, node, faults[i]);
}

void leave_sysret(struct explorer *e, int node)
{
	const struct state *s = e->nodes[node].state;
	check_to_user(e, node);
	if (s->verdict != 1)
		explore_violation(e, node, "SYSRET without the verdict that the frame allows it");
	/* The verdict says that the saved RCX equals RIP and R11 equals RFLAGS. */
	if (s->reg[R_RCX] != value_orig(R_RIP) && s->reg[R_RCX] != value_orig(R_RCX))
		explore_violation(
			e, node, "SYSRET takes %s as RIP", value_text(e->m, s->reg[R_RCX]));
	if (s->reg[R_R11] != value_orig(R_RFLAGS) && s->reg[R_R11] != value_orig(R_R11))
		explore_violation(
			e, node, "SYSRET takes %s as RFLAGS", value_text(e->m, s->reg[R_R11]));
	if (s->reg[R_RSP] != value_orig(R_RSP))
		explore_violation(
			e, node, "ring 3 gets %s as RSP", value_text(e->m, s->reg[R_RSP]));
}

/* Back to the C code that called a function in the checked text. */
void leave_function(struct explorer *e, int node)
{
	static const enum reg saved[] = {R_RBX, R_RBP, R_R12, R_R13, R_R14, R_R15};
	const struct state *s = e->nodes[node].state;
	const struct context *c = &e->contexts[s->context];
	if (c->door->kind != DOOR_FUNCTION) {
		explore_violation(e, node, "RET to what was interrupted");
		return;
	}
	if (s->gs != c->gs || s->igs != c->igs)
		explore_violation(e, node, "the C code goes on with another GS base");
	if (s->cr3 != c->cr3)
		explore_violation(
			e, node, "the C code goes on in root %s", e->m->roots[s->cr3].name);
	if (s->iflag != c->iflag || s->df != 0)
		explore_violation(e, node, "the C code goes on with IF or DF changed");
	for (unsigned i = 0; i < 6; i++)
		if (s->reg[saved[i]] != value_orig(saved[i]))
			explore_violation(e, node, "the C code finds %s in %s",
				value_text(e->m, s->reg[saved[i]]), reg_names[saved[i]]);
}
