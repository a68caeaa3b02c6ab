/*
 * The compiled half of the proof.
 *
 * Without `irq` in its contract no function below may turn interrupts on; none at all may hold IRET, SYSRET or SWAPGS, or write CR3
 * or a described per-CPU word unless the contract says so. And interrupts are as the contract says at the return: for that
 * the state of IF is followed through every function (off, on, as at the call, unknown), with a summary for each callee,
 * to a fixed point.
 *
 * Indirect calls can't be followed. They are allowed only where the contract allows interrupts and thread switches anyway, or
 * says `indirect`.
 */
#include "cfunction.h"

#include "ifstate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS_MAX 8192
#define CALLEES_MAX 128

/* What a function, without those it calls, does. */
#define DOES_STI 1U
#define DOES_CR3 2U
#define DOES_FORBIDDEN 4U
#define DOES_INDIRECT 8U

struct function {
	const struct symbol *symbol;
	uint32_t does;
	uint64_t does_at[4]; /* address, by bit of `does` */
	uint32_t writes;     /* words of the per-CPU page */
	uint64_t writes_at;
	unsigned callees[CALLEES_MAX];
	unsigned callee_count;
	if_set_t if_out;  /* at its returns */
	unsigned visited; /* mark of the walk */
	unsigned from;	  /* caller in that walk */
	bool scanned;
	cs_insn **code; /* decoded once */
	unsigned code_count;
};

struct checker {
	struct image *im;
	const struct model *m;
	struct function *f;
	unsigned count;
	unsigned mark;
	struct cfunction_result result;
};

static int find(struct checker *c, uint64_t address)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->f[i].symbol->address == address)
			return (int)i;
	return -1;
}

/* The function at an address, or one that covers it (a tail of it). */
static int intern(struct checker *c, uint64_t address)
{
	int known = find(c, address);
	if (known >= 0)
		return known;
	const struct symbol *s = NULL;
	for (size_t i = 0; i < c->im->symbol_count; i++) {
		const struct symbol *t = &c->im->symbols[i];
		if (t->is_function && t->address <= address &&
			(address < t->address + t->size || t->address == address))
			s = t;
	}
	if (!s || c->count == FUNCTIONS_MAX)
		return -1;
	known = find(c, s->address);
	if (known >= 0)
		return known;
	c->f[c->count] = (struct function){.symbol = s};
	return (int)c->count++;
}

static void note(struct function *f, uint32_t what, uint64_t address)
{
	if (!(f->does & what))
		f->does_at[__builtin_ctz(what)] = address;
	f->does |= what;
}

static void add_callee(struct checker *c, struct function *f, uint64_t target)
{
	int callee = intern(c, target);
	if (callee < 0 || f->callee_count == CALLEES_MAX)
		return;
	for (unsigned i = 0; i < f->callee_count; i++)
		if (f->callees[i] == (unsigned)callee)
			return;
	f->callees[f->callee_count++] = (unsigned)callee;
}

static bool in_function(const struct function *f, uint64_t address)
{
	return address >= f->symbol->address && address < f->symbol->address + f->symbol->size;
}

static void scan_branch(struct checker *c, struct function *f, const cs_insn *i)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	if (op->type != X86_OP_IMM) {
		/* A jump table stays inside the function; a call through memory or a register may go anywhere. */
		if (i->id == X86_INS_CALL)
			note(f, DOES_INDIRECT, i->address);
		return;
	}
	if (i->id == X86_INS_CALL || !in_function(f, (uint64_t)op->imm))
		add_callee(c, f, (uint64_t)op->imm);
}

/* Writes through GS, or through a register that was loaded with the CPU's own pointer (word at offset 0) and not since. */
static void scan_word_write(struct checker *c, struct function *f, const cs_insn *i, x86_reg self)
{
	const cs_x86 *x = &i->detail->x86;
	for (unsigned k = 0; k < x->op_count; k++) {
		const cs_x86_op *op = &x->operands[k];
		if (op->type != X86_OP_MEM || !(op->access & CS_AC_WRITE))
			continue;
		bool own = op->mem.segment == X86_REG_GS && op->mem.base == X86_REG_INVALID;
		own |= self != X86_REG_INVALID && op->mem.base == self &&
		       op->mem.index == X86_REG_INVALID;
		for (unsigned w = 0; own && w < c->m->word_count; w++) {
			if (c->m->words[w].offset != (uint64_t)op->mem.disp)
				continue;
			f->writes |= 1U << w;
			f->writes_at = i->address;
		}
	}
}

/* Follows `movq %gs:0, %reg` within straight code. */
static x86_reg track_self(const cs_insn *i, x86_reg self)
{
	const cs_x86 *x = &i->detail->x86;
	if (i->id == X86_INS_MOV && x->op_count == 2 && x->operands[0].type == X86_OP_MEM &&
		x->operands[0].mem.segment == X86_REG_GS && x->operands[0].mem.disp == 0 &&
		x->operands[0].mem.base == X86_REG_INVALID && x->operands[1].type == X86_OP_REG)
		return x->operands[1].reg;
	for (unsigned k = 0; k < x->op_count; k++)
		if (x->operands[k].type == X86_OP_REG && x->operands[k].reg == self &&
			(x->operands[k].access & CS_AC_WRITE))
			return X86_REG_INVALID;
	return i->id == X86_INS_CALL || i->id == X86_INS_RET ? X86_REG_INVALID : self;
}

static void scan_instruction(struct checker *c, struct function *f, const cs_insn *i)
{
	const cs_x86 *x = &i->detail->x86;
	switch (i->id) {
	case X86_INS_STI:
	case X86_INS_POPFQ:
	case X86_INS_POPF:
		note(f, DOES_STI, i->address);
		break;
	case X86_INS_IRETQ:
	case X86_INS_SYSRET:
	case X86_INS_SWAPGS:
	case X86_INS_WRGSBASE:
		note(f, DOES_FORBIDDEN, i->address);
		break;
	case X86_INS_MOV:
		if (x->operands[1].type == X86_OP_REG && x->operands[1].reg == X86_REG_CR3)
			note(f, DOES_CR3, i->address);
		break;
	case X86_INS_CALL:
	case X86_INS_JMP:
		scan_branch(c, f, i);
		break;
	default:
		break;
	}
}

static void scan(struct checker *c, unsigned n)
{
	uint64_t at = c->f[n].symbol->address, end = at + c->f[n].symbol->size;
	x86_reg self = X86_REG_INVALID;
	c->f[n].scanned = true;
	c->f[n].code = calloc(end - at + 1, sizeof(*c->f[n].code));
	while (at < end && c->f[n].code) {
		cs_insn *i = image_decode(c->im, at);
		if (!i)
			break;
		scan_instruction(c, &c->f[n], i);
		scan_word_write(c, &c->f[n], i, self);
		self = track_self(i, self);
		at += i->size;
		c->f[n].code[c->f[n].code_count++] = i;
	}
}

/* -- IF through a function -- */

struct flow {
	uint64_t start;
	uint32_t size;
	if_set_t *in; /* by offset */
	bool changed;
};

static void flow_to(struct flow *w, uint64_t address, if_set_t now)
{
	if (address < w->start || address >= w->start + w->size)
		return;
	if_set_t *p = &w->in[address - w->start];
	if ((*p | now) != *p) {
		*p |= now;
		w->changed = true;
	}
}

static if_set_t callee_if(struct checker *c, const cs_insn *i)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	int callee = op->type == X86_OP_IMM ? find(c, (uint64_t)op->imm) : -1;
	/* What a pointer leads to keeps IF: such functions are called under the same rule, and debug kernels assert it. */
	return callee >= 0 ? c->f[callee].if_out : if_start();
}

/* irq_save() and irq_restore() (arch/irqflags.h) are sequences that the compiler can't take apart. */
static bool is_save(struct checker *c, const cs_insn *i)
{
	/* pushfq; popq reg; cli: the POP is one or two bytes. */
	for (unsigned n = 1; n <= 2; n++)
		if (i->id == X86_INS_PUSHFQ && image_byte(c->im, i->address + i->size + n) == 0xfa)
			return true;
	return false;
}

static bool is_restore(struct checker *c, const cs_insn *i, const cs_insn *previous)
{
	/* test $0x200, reg; je over; sti */
	const cs_x86_op *op = &i->detail->x86.operands[0];
	return i->id == X86_INS_JE && previous && previous->id == X86_INS_TEST &&
	       previous->detail->x86.operands[0].imm == 0x200 && op->type == X86_OP_IMM &&
	       (uint64_t)op->imm == i->address + i->size + 1 &&
	       image_byte(c->im, i->address + i->size) == 0xfb;
}

/* A jump. True if control does not fall through. */
static bool flow_jump(
	struct checker *c, struct function *f, struct flow *w, const cs_insn *i, if_set_t now)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	if (op->type != X86_OP_IMM) {
		/* A jump table: to wherever in the function nothing else leads. */
		for (uint32_t k = 0; k < w->size; k++)
			if (!w->in[k])
				flow_to(w, w->start + k, 0);
		return true;
	}
	if (in_function(f, (uint64_t)op->imm))
		flow_to(w, (uint64_t)op->imm, now);
	else
		f->if_out |= if_apply(now, callee_if(c, i));
	return i->id == X86_INS_JMP;
}

/* One instruction; adds to the function's exits. */
static void flow_step(struct checker *c, struct function *f, struct flow *w, const cs_insn *i,
	const cs_insn *previous, if_set_t now)
{
	switch (i->id) {
	case X86_INS_STI:
		now = if_set(now, IF_ON);
		break;
	case X86_INS_CLI:
		now = if_set(now, IF_OFF);
		break;
	case X86_INS_PUSHFQ:
		if (is_save(c, i))
			now = if_save(now);
		break;
	case X86_INS_RET:
		f->if_out |= now;
		return;
	case X86_INS_UD2:
	case X86_INS_INT3:
		return;
	case X86_INS_CALL:
		now = if_apply(now, callee_if(c, i));
		break;
	default:
		if (is_restore(c, i, previous))
			flow_to(w, (uint64_t)i->detail->x86.operands[0].imm, if_restore(now));
		else if (!cs_insn_group(c->im->capstone, i, X86_GRP_JUMP) ||
			 !flow_jump(c, f, w, i, now))
			break;
		return;
	}
	flow_to(w, i->address + i->size, now);
}

/* Until nothing changes any more within the function. True if its summary grew. */
static bool flow_function(struct checker *c, unsigned n, if_set_t *buffer)
{
	struct function *f = &c->f[n];
	struct flow w = {
		.start = f->symbol->address, .size = (uint32_t)f->symbol->size, .in = buffer};
	if_set_t before = f->if_out;
	if (w.size == 0)
		return false;
	memset(buffer, 0, w.size * sizeof(*buffer));
	buffer[0] = if_start();
	do {
		cs_insn *previous = NULL;
		w.changed = false;
		for (unsigned k = 0; k < f->code_count; k++) {
			cs_insn *i = f->code[k];
			if (buffer[i->address - w.start])
				flow_step(c, f, &w, i, previous, buffer[i->address - w.start]);
			previous = i;
		}
	} while (w.changed);
	return f->if_out != before;
}

/* -- contracts -- */

static void print_chain(struct checker *c, unsigned n, unsigned root)
{
	if (n != root) {
		print_chain(c, c->f[n].from, root);
		fprintf(stdout, " > ");
	}
	fprintf(stdout, "%s", c->f[n].symbol->name);
}

static void violation(struct checker *c, const struct contract *k, unsigned root, unsigned n,
	uint64_t at, const char *what)
{
	printf("VIOLATION of the contract of %s: %s\n    at %s, reached by ", k->name, what,
		image_where(c->im, at));
	print_chain(c, n, root);
	printf("\n");
	c->result.violations++;
}

static void check_function(struct checker *c, const struct contract *k, unsigned root, unsigned n)
{
	const struct function *f = &c->f[n];
	if ((f->does & DOES_STI) && !k->irq)
		violation(c, k, root, n, f->does_at[0], "interrupts are turned on");
	if ((f->does & DOES_CR3) && !k->switches && !k->noreturn)
		violation(c, k, root, n, f->does_at[1], "CR3 is written");
	if (f->does & DOES_FORBIDDEN)
		violation(c, k, root, n, f->does_at[2], "the crossing's own instructions are used");
	if ((f->does & DOES_INDIRECT) && !k->indirect && !(k->irq && k->switches))
		violation(
			c, k, root, n, f->does_at[3], "an indirect call, which can't be followed");
	if (f->writes & ~k->writes)
		violation(c, k, root, n, f->writes_at, "a per-CPU word of the crossing is written");
}

/* A function that never returns ends the machine: what it does is no concern of the caller's state. */
static bool ends_machine(const struct checker *c, unsigned n)
{
	const char *name = c->f[n].symbol->name;
	return !strncmp(name, "report_fault", 12) || !strcmp(name, "panic") ||
	       !strncmp(name, "panic.", 6);
}

static void check_tree(struct checker *c, const struct contract *k, unsigned root)
{
	static unsigned queue[FUNCTIONS_MAX];
	unsigned head = 0, tail = 0;
	c->mark++;
	c->f[root].visited = c->mark;
	queue[tail++] = root;
	while (head < tail) {
		unsigned n = queue[head++];
		if (ends_machine(c, n))
			continue;
		check_function(c, k, root, n);
		c->result.functions++;
		for (unsigned i = 0; i < c->f[n].callee_count; i++) {
			unsigned callee = c->f[n].callees[i];
			/* The checked text is explored, not scanned. */
			if (c->f[callee].visited == c->mark ||
				image_in_text(c->im, c->f[callee].symbol->address))
				continue;
			c->f[callee].visited = c->mark;
			c->f[callee].from = n;
			queue[tail++] = callee;
		}
	}
}

/* At the call IF was 0 (the contract says so): "as at the call" is off. */
static void check_out(struct checker *c, const struct contract *k, unsigned root)
{
	if (k->out_iflag == 0 && if_may_be_on(c->f[root].if_out, k->iflag == 0)) {
		printf("VIOLATION of the contract of %s: it may return with interrupts on\n",
			k->name);
		c->result.violations++;
	}
}

static void summarise(struct checker *c)
{
	uint64_t longest = 1;
	for (unsigned i = 0; i < c->count; i++)
		if (c->f[i].symbol->size > longest)
			longest = c->f[i].symbol->size;
	if_set_t *buffer = malloc(longest * sizeof(*buffer));
	bool changed = buffer != NULL;
	while (changed) {
		changed = false;
		for (unsigned i = 0; i < c->count; i++)
			changed |= flow_function(c, i, buffer);
	}
	free(buffer);
}

struct cfunction_result cfunction_check(struct image *im, const struct model *m)
{
	static struct checker c;
	c = (struct checker){.im = im, .m = m, .f = calloc(FUNCTIONS_MAX, sizeof(*c.f))};
	int roots[CONTRACTS_MAX];
	for (unsigned i = 0; i < m->contract_count; i++)
		roots[i] = image_in_text(im, m->contracts[i].address)
				   ? -1
				   : intern(&c, m->contracts[i].address);
	for (unsigned i = 0; i < c.count; i++)
		if (!c.f[i].scanned)
			scan(&c, i);
	summarise(&c);
	for (unsigned i = 0; i < m->contract_count; i++) {
		if (roots[i] < 0)
			continue;
		check_tree(&c, &m->contracts[i], (unsigned)roots[i]);
		check_out(&c, &m->contracts[i], (unsigned)roots[i]);
	}
	for (unsigned i = 0; i < c.count; i++) {
		for (unsigned k = 0; k < c.f[i].code_count; k++)
			cs_free(c.f[i].code[k], 1);
		free(c.f[i].code);
	}
	free(c.f);
	return c.result;
}
