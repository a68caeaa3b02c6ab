/*
 * Data flow over each function: registers, the slots of its own stack, and the words of the frame, to a fixed point. Where the
 * function returns, the words must be sane, unless it returns an error (a constant other than 0) or has called one that says `work`.
 *
 * A store through a pointer that is neither the stack's nor the frame's is taken to hit neither. A function that gets the frame in a
 * register is followed too, if its own contract does not say what it does to it; what an indirect call does to one is not
 * known. Functions that find the frame by themselves (thread_user_frame()) have contracts of their own.
 */
#include "frameflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frameinsn.h"

enum { DEPTH_MAX = 6, ROUNDS_MAX = 2000, ERROR_MAX = 4095 };

/* Paths on which RAX is an error, or the exit work has been asked to make the frame sane, are kept apart, or what they do not
 * do would be missed where they meet the others. */
enum lane { LANE_GOOD, LANE_ERROR, LANE_EXCUSED, LANES };

/* One function being followed, with its part that the compiler has put elsewhere as cold. */
struct walk {
	struct checker *c;
	const struct contract *contract; /* of the function that all began with */
	struct function *parts[2];
	struct fs *at[2][LANES];
	struct fs out; /* where it returns; at the beginning of it all, not with an error */
	unsigned depth;
	bool changed;
};

static void flow_join(struct walk *w, struct fs *to, const struct fs *from)
{
	if (fs_join(to, from))
		w->changed = true;
}

static enum lane lane_of(const struct fs *s)
{
	struct fv a = s->reg[FR_A];
	bool error = fv_is_const(a) && (uint32_t)a.must >= (uint32_t)-ERROR_MAX;
	return s->excused ? LANE_EXCUSED : error ? LANE_ERROR : LANE_GOOD;
}

/* Reaches the instruction at the address. False if that is in none of the parts. */
static bool flow_to(struct walk *w, uint64_t address, const struct fs *s)
{
	for (int p = 0; p < 2; p++) {
		const struct function *f = w->parts[p];
		if (!f || !callgraph_in(f, address))
			continue;
		for (unsigned k = 0; k < f->code_count; k++)
			if (f->code[k]->address == address) {
				flow_join(w, &w->at[p][lane_of(s)][k], s);
				return true;
			}
	}
	return false;
}

static void flow_out(struct walk *w, const struct fs *s)
{
	if (w->depth > 0 || lane_of(s) == LANE_GOOD)
		flow_join(w, &w->out, s);
}

static bool follow(struct checker *c, const struct contract *k, unsigned function,
	const struct fs *in, struct fs *out, unsigned depth);

static bool frame_in_registers(const struct fs *s)
{
	static const int arguments[] = {FR_DI, FR_SI, FR_D, FR_C, FR_8, FR_9};
	for (unsigned i = 0; i < 6; i++)
		if (s->reg[arguments[i]].kind == FV_FRAME)
			return true;
	return false;
}

/* What the called function leaves of the frame's words. */
static void call_words(struct walk *w, struct fs *s, uint64_t target)
{
	const struct contract *k = model_contract(w->c->m, target);
	struct fs out;
	s->excused |= k && k->work;
	if (!frame_in_registers(s))
		return;
	if (k && k->sane != SANE_NOT && !k->sane_indirect) {
		if (k->sane == SANE_MAKES || fs_sane(w->c->m, s) == FW_WORDS)
			fs_make_sane(w->c->m, s);
		else
			fs_forget_words(s);
		return;
	}
	int callee = target ? callgraph_find(w->c, target) : -1;
	if (callee < 0 || w->depth == DEPTH_MAX ||
		!follow(w->c, w->contract, (unsigned)callee, s, &out, w->depth + 1))
		fs_forget_words(s);
	else
		memcpy(s->word, out.word, sizeof(s->word));
}

static void do_call(struct walk *w, struct fs *s, const cs_insn *i)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	call_words(w, s, op->type == X86_OP_IMM ? (uint64_t)op->imm : 0);
	fs_after_call(s);
}

/* A jump, conditional or not. True if the next instruction is reached, too. */
static bool do_jump(struct walk *w, struct fs *s, const cs_insn *i)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	bool conditional = i->id != X86_INS_JMP;
	uint64_t target = op->type == X86_OP_IMM ? (uint64_t)op->imm : 0;
	struct fs taken = *s;
	if (conditional) {
		fs_refine(&taken, i->id, true);
		fs_refine(s, i->id, false);
	}
	if (target && flow_to(w, target, &taken))
		return conditional;
	/* Another function in the place of this one's end. */
	call_words(w, &taken, target);
	taken.reg[FR_A] = fv_any();
	flow_out(w, &taken);
	return conditional;
}

static void do_instruction(struct walk *w, const cs_insn *i, struct fs s)
{
	bool on = true;
	if (i->id == X86_INS_RET) {
		flow_out(w, &s);
		return;
	}
	if (i->id == X86_INS_UD2 || i->id == X86_INS_INT3)
		return;
	if (i->id == X86_INS_CALL)
		do_call(w, &s, i);
	else if (cs_insn_group(w->c->im->capstone, i, X86_GRP_JUMP))
		on = do_jump(w, &s, i);
	else
		fs_execute(&s, i);
	if (on)
		flow_to(w, i->address + i->size, &s);
}

static void do_part(struct walk *w, int part, enum lane lane)
{
	const struct function *f = w->parts[part];
	for (unsigned n = 0; f && n < f->code_count; n++)
		if (w->at[part][lane][n].reached)
			do_instruction(w, f->code[n], w->at[part][lane][n]);
}

static struct function *cold_part(struct checker *c, const struct function *f)
{
	size_t n = strlen(f->symbol->name);
	for (unsigned i = 0; i < c->count; i++) {
		const char *name = c->f[i].symbol->name;
		if (!strncmp(name, f->symbol->name, n) && !strncmp(name + n, ".cold", 5))
			return &c->f[i];
	}
	return NULL;
}

/* False if it can't be followed. An `out` that nothing reached means that it does not return. */
static bool follow(struct checker *c, const struct contract *k, unsigned function,
	const struct fs *in, struct fs *out, unsigned depth)
{
	struct walk w = {.c = c, .contract = k, .depth = depth, .changed = true};
	w.parts[0] = &c->f[function];
	w.parts[1] = cold_part(c, w.parts[0]);
	if (w.parts[0]->code_count == 0)
		return false;
	for (int n = 0; n < 2 * LANES; n++)
		if (w.parts[n / LANES])
			w.at[n / LANES][n % LANES] =
				calloc(w.parts[n / LANES]->code_count, sizeof(struct fs));
	fs_begin(&w.at[0][LANE_GOOD][0], in, k);
	for (int rounds = 0; w.changed && rounds < ROUNDS_MAX; rounds++) {
		w.changed = false;
		for (int n = 0; n < 2 * LANES; n++)
			do_part(&w, n / LANES, (enum lane)(n % LANES));
	}
	for (int n = 0; n < 2 * LANES; n++)
		free(w.at[n / LANES][n % LANES]);
	*out = w.out;
	return w.out.reached && !w.changed;
}

static void check_contract(struct checker *c, const struct contract *k)
{
	static const char *const names[FW_WORDS] = {"RIP", "CS", "RFLAGS", "SS"};
	int function = callgraph_find(c, k->address);
	struct fs in = fs_at_call(c->m, k), out;
	if (function < 0)
		return;
	if (!follow(c, k, (unsigned)function, &in, &out, 0)) {
		printf("VIOLATION of the contract of %s: its frame can't be followed\n", k->name);
		c->result.violations++;
		return;
	}
	enum frame_word bad = fs_sane(c->m, &out);
	if (bad == FW_WORDS)
		return;
	printf("VIOLATION of the contract of %s: it may return with a frame whose %s is not sane\n",
		k->name, names[bad]);
	c->result.violations++;
}

void frameflow_check(struct checker *c)
{
	for (unsigned i = 0; c->m->sane_frame && i < c->m->contract_count; i++)
		if (c->m->contracts[i].sane != SANE_NOT)
			check_contract(c, &c->m->contracts[i]);
}
