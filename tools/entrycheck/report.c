/*
 * A counterexample is the path from ring 3 to the violation. Steps that change nothing but registers are left out; what is
 * printed are arrivals, calls, and changes of GS, root, stack and IF, in the manner of the report that the project
 * began with.
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *vector_name(unsigned v)
{
	static const char *const names[32] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD",
		"#NM", "#DF", NULL, "#TS", "#NP", "#SS", "#GP", "#PF", NULL, "#MF", "#AC", "#MC",
		"#XM"};
	static char other[32];
	if (v < 32 && names[v])
		return names[v];
	snprintf(other, sizeof(other), "interrupt %u", v);
	return other;
}

static const char *start_text(const struct context *c)
{
	static char b[96];
	switch (c->door->kind) {
	case DOOR_SYSCALL:
		return "ring 3 makes a system call";
	case DOOR_RESUME:
		return "a new thread is about to enter ring 3";
	case DOOR_FUNCTION:
		return "C code calls this function";
	default:
		snprintf(b, sizeof(b), "%s arrives in ring 3", vector_name(c->door->vector));
		return b;
	}
}

/* The instruction at which it goes wrong; a call by the function's name. */
static void print_last(struct explorer *e, const cs_insn *i)
{
	bool call = i && i->id == X86_INS_CALL && i->detail->x86.operands[0].type == X86_OP_IMM;
	printf("      then %s %s\n", i ? i->mnemonic : "?",
		call ? image_where(e->im, (uint64_t)i->detail->x86.operands[0].imm)
		: i  ? i->op_str
		     : "");
}

static const char *how_text(struct explorer *e, const struct node *n)
{
	static char b[160];
	switch (n->how) {
	case HOW_START:
		return start_text(&e->contexts[n->state->context]);
	case HOW_EVENT:
		snprintf(b, sizeof(b), "%s arrives here", vector_name(n->vector));
		return b;
	case HOW_FAULT:
		snprintf(b, sizeof(b), "the return itself raises %s", vector_name(n->vector));
		return b;
	case HOW_CALL: {
		const struct state *before = e->nodes[n->parent].state;
		const cs_insn *i = image_instruction(e->im, before->rip);
		uint64_t target = i ? (uint64_t)i->detail->x86.operands[0].imm : 0;
		snprintf(b, sizeof(b), "%s ran", image_where(e->im, target));
		return b;
	}
	default:
		return "";
	}
}

static bool worth_a_line(const struct explorer *e, int n)
{
	const struct node *k = &e->nodes[n];
	if (k->how != HOW_STEP)
		return true;
	const struct state *a = e->nodes[k->parent].state, *b = k->state;
	return a->gs != b->gs || a->cr3 != b->cr3 || a->iflag != b->iflag ||
	       memcmp(a->word, b->word, sizeof(a->word)) != 0 ||
	       value_kind(a->reg[R_RSP]) != value_kind(b->reg[R_RSP]) ||
	       (value_is(a->reg[R_RSP], V_ADDR) &&
		       value_region(a->reg[R_RSP]) != value_region(b->reg[R_RSP]));
}

static void print_line(struct explorer *e, unsigned number, int n, const char *what)
{
	const struct node *k = &e->nodes[n];
	const cs_insn *i = k->how == HOW_STEP
				   ? image_instruction(e->im, e->nodes[k->parent].state->rip)
				   : NULL;
	char did[96] = "";
	if (i)
		snprintf(did, sizeof(did), "%s %s", i->mnemonic, i->op_str);
	printf("%4u. %-34s %s  %s\n", number, image_where(e->im, k->state->rip),
		state_text(e->m, k->state), *what ? what : did);
}

void report_violation(struct explorer *e, const struct violation *v)
{
	printf("VIOLATION: %s\n", v->text);
	int depth = 0, *path = NULL;
	for (int n = v->node; n >= 0; n = e->nodes[n].parent)
		depth++;
	path = malloc((size_t)(depth + 1) * sizeof(*path));
	if (!path)
		return;
	int at = depth;
	for (int n = v->node; n >= 0; n = e->nodes[n].parent)
		path[--at] = n;
	unsigned number = 0;
	for (int k = 0; k < depth; k++)
		if (k == depth - 1 || worth_a_line(e, path[k]))
			print_line(e, ++number, path[k], how_text(e, &e->nodes[path[k]]));
	if (v->node >= 0) {
		const cs_insn *i = image_instruction(e->im, e->nodes[v->node].state->rip);
		print_last(e, i);
	}
	free(path);
}

void report_explain(struct explorer *e, uint64_t address)
{
	unsigned shown = 0;
	for (size_t n = 0; n < e->node_count; n++) {
		const struct state *s = e->nodes[n].state;
		if (s->rip != address)
			continue;
		const struct context *c = &e->contexts[s->context];
		printf("%3u. %s NMI=%s\n     entered: %s%s\n", ++shown, state_text(e->m, s),
			s->latch ? "blocked" : "open", c->from_user ? "" : "from the kernel, ",
			start_text(c));
		for (unsigned r = 0; r < GPR_COUNT; r++)
			if (r != R_RSP)
				printf("     %-4s %s\n", reg_names[r], value_text(e->m, s->reg[r]));
		if (shown == 16) {
			printf("     (more are left out)\n");
			return;
		}
	}
	if (!shown)
		printf("no state reaches it\n");
}
