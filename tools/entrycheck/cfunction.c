/*
 * The compiled half of the proof.
 *
 * Without `irq` in its contract no function below may turn interrupts on (with `restores`: IF is followed, and irq_restore() may
 * stand there, as it leaves IF at the 0 that was saved); none at all may hold IRET, SYSRET or SWAPGS, or write CR3
 * or a described per-CPU word unless the contract says so. And interrupts are as the contract says at the return: for that
 * the state of IF is followed through every function (off, on, as at the call, unknown), with a summary for each callee,
 * to a fixed point.
 *
 * Indirect calls can't be followed. They are allowed only where the contract allows interrupts and thread switches anyway, or
 * says `indirect`.
 */
#include "cfunction.h"

#include "callgraph.h"
#include "frameflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int callgraph_find(const struct checker *c, uint64_t address)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->f[i].symbol->address == address)
			return (int)i;
	return -1;
}

/* The function at an address, or one that covers it (a tail of it). */
static int intern(struct checker *c, uint64_t address)
{
	int known = callgraph_find(c, address);
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
	known = callgraph_find(c, s->address);
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

bool callgraph_in(const struct function *f, uint64_t address)
{
	return address >= f->symbol->address && address < f->symbol->address + f->symbol->size;
}

static void scan_branch(struct checker *c, struct function *f, const cs_insn *i)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	if (op->type != X86_OP_IMM) {
		/* The kernel is compiled without jump tables: this is a call, too. */
		note(f, DOES_INDIRECT, i->address);
		return;
	}
	if (i->id == X86_INS_CALL || !callgraph_in(f, (uint64_t)op->imm))
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
	if (k->restores ? f->on_at != 0 : (f->does & DOES_STI) && !k->irq)
		violation(c, k, root, n, k->restores ? f->on_at : f->does_at[0],
			"interrupts are turned on");
	if ((f->does & DOES_CR3) && !k->switches && !k->roots && !k->noreturn)
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
	return !strncmp(name, "report_fault", 12) || !strncmp(name, "report_on_request", 17) ||
	       !strcmp(name, "panic") || !strncmp(name, "panic.", 6);
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
	if (k->out_iflag == 0 && if_may_be_on(&c->f[root].if_out, k->iflag == 0)) {
		printf("VIOLATION of the contract of %s: it may return with interrupts on\n",
			k->name);
		c->result.violations++;
	}
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
	ifflow_summarise(&c);
	for (unsigned i = 0; i < m->contract_count; i++) {
		if (roots[i] < 0)
			continue;
		check_tree(&c, &m->contracts[i], (unsigned)roots[i]);
		check_out(&c, &m->contracts[i], (unsigned)roots[i]);
	}
	frameflow_check(&c);
	for (unsigned i = 0; i < c.count; i++) {
		for (unsigned k = 0; k < c.f[i].code_count; k++)
			cs_free(c.f[i].code[k], 1);
		free(c.f[i].code);
	}
	free(c.f);
	return c.result;
}
