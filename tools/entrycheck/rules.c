#include "rules.h"

#include <stdio.h>
#include <string.h>

#define LOOK_AHEAD 24

static const cs_insn *at(struct image *im, uint64_t address)
{
	return image_instruction(im, address);
}

static bool is_padding(const cs_insn *i)
{
	return i->id == X86_INS_INT3 || i->id == X86_INS_NOP;
}

/* Calls fn for each instruction of the checked text, in order; data between (an operand of VERW) is skipped by symbols
 * without code: whatever does not decode is stepped over byte by byte. */
static unsigned for_each(struct image *im, unsigned (*fn)(struct image *, const cs_insn *))
{
	unsigned bad = 0;
	for (uint64_t a = im->text_start; a < im->text_end;) {
		const cs_insn *i = at(im, a);
		if (i)
			bad += fn(im, i);
		a += i ? i->size : 1;
	}
	return bad;
}

static unsigned complain(struct image *im, uint64_t address, const char *what)
{
	printf("VIOLATION at %s: %s\n", image_where(im, address), what);
	return 1;
}

/* True if the address lies in something that is code: a function with a size. */
static bool in_code(const struct image *im, uint64_t address)
{
	for (size_t i = 0; i < im->symbol_count; i++) {
		const struct symbol *s = &im->symbols[i];
		if (s->is_function && address >= s->address && address < s->address + s->size)
			return true;
	}
	return false;
}

unsigned rules_coverage(struct image *im, const bool *visited, unsigned *instructions)
{
	unsigned bad = 0;
	*instructions = 0;
	for (uint64_t a = im->text_start; a < im->text_end;) {
		const cs_insn *i = at(im, a);
		if (!i || !in_code(im, a)) {
			a++;
			continue;
		}
		bool reached = visited[a - im->text_start];
		if (reached || !is_padding(i)) {
			(*instructions)++;
			if (!reached)
				bad += complain(im, a, "this instruction is never reached");
		}
		a += i->size;
	}
	return bad;
}

static unsigned int3_behind(struct image *im, const cs_insn *i)
{
	bool ends = i->id == X86_INS_RET || i->id == X86_INS_JMP || i->id == X86_INS_SYSRET ||
		    i->id == X86_INS_IRETQ;
	if (!ends || !in_code(im, i->address))
		return 0;
	if (image_byte(im, i->address + i->size) == 0xcc)
		return 0;
	return complain(im, i->address, "no INT3 behind it stops straight-line speculation");
}

static bool touches_gs(const cs_insn *i)
{
	for (unsigned k = 0; k < i->detail->x86.op_count; k++)
		if (i->detail->x86.operands[k].type == X86_OP_MEM &&
			i->detail->x86.operands[k].mem.segment == X86_REG_GS)
			return true;
	return false;
}

/* Straight on from an address: is GS used, or C code called, or the caller gone back to? Not behind a return from the kernel. */
static bool uses_gs(struct image *im, uint64_t a)
{
	for (unsigned n = 0; n < LOOK_AHEAD; n++) {
		const cs_insn *i = at(im, a);
		if (!i || i->id == X86_INS_IRETQ || i->id == X86_INS_SYSRET)
			return false;
		if (touches_gs(i) || i->id == X86_INS_CALL || i->id == X86_INS_RET)
			return true;
		a += i->size;
	}
	return false;
}

/* Straight on from an address: is there a SWAPGS before the next branch, and is the kernel's base used after it? So one on the
 * way in: behind one on the way out, nothing is. */
static bool swaps_in(struct image *im, uint64_t a)
{
	for (unsigned n = 0; n < LOOK_AHEAD; n++) {
		const cs_insn *i = at(im, a);
		if (!i || cs_insn_group(im->capstone, i, X86_GRP_JUMP) || i->id == X86_INS_CALL)
			return false;
		a += i->size;
		if (i->id == X86_INS_SWAPGS)
			return uses_gs(im, a);
	}
	return false;
}

/* Straight on from an address (through further branches' fall-through): LFENCE before any use of GS or a call? A branch target
 * has to be fenced itself. */
static bool fenced(struct image *im, uint64_t a, unsigned depth)
{
	for (unsigned n = 0; n < LOOK_AHEAD; n++) {
		const cs_insn *i = at(im, a);
		if (!i || touches_gs(i) || i->id == X86_INS_CALL)
			return false;
		if (i->id == X86_INS_LFENCE)
			return true;
		if (cs_insn_group(im->capstone, i, X86_GRP_JUMP)) {
			if (i->detail->x86.operands[0].type != X86_OP_IMM || depth == 0)
				return false;
			if (!fenced(im, (uint64_t)i->detail->x86.operands[0].imm, depth - 1))
				return false;
			if (i->id == X86_INS_JMP)
				return true;
		}
		a += i->size;
	}
	return false;
}

static unsigned fence_on_both_arms(struct image *im, const cs_insn *i)
{
	if (!cs_insn_group(im->capstone, i, X86_GRP_JUMP) || i->id == X86_INS_JMP ||
		i->detail->x86.operands[0].type != X86_OP_IMM)
		return 0;
	uint64_t taken = (uint64_t)i->detail->x86.operands[0].imm, next = i->address + i->size;
	if (swaps_in(im, taken) == swaps_in(im, next))
		return 0;
	if (fenced(im, taken, 2) && fenced(im, next, 2))
		return 0;
	return complain(im, i->address, "no LFENCE on both arms behind this decision about SWAPGS");
}

static unsigned no_indirect(struct image *im, const cs_insn *i)
{
	bool branch = i->id == X86_INS_CALL || i->id == X86_INS_JMP;
	if (!branch || i->detail->x86.operands[0].type == X86_OP_IMM || !in_code(im, i->address))
		return 0;
	return complain(im, i->address, "an indirect branch in the crossing");
}

static bool reads_memory(const cs_insn *i)
{
	for (unsigned k = 0; k < i->detail->x86.op_count; k++)
		if (i->detail->x86.operands[k].type == X86_OP_MEM)
			return true;
	return i->id == X86_INS_POP || i->id == X86_INS_PUSH;
}

/* The instruction right before a return to ring 3 that follows a SWAPGS must be VERW. */
static unsigned verw_last(struct image *im, const cs_insn *i)
{
	if (i->id != X86_INS_SWAPGS)
		return 0;
	bool verw = false;
	uint64_t a = i->address + i->size;
	for (unsigned n = 0; n < 6; n++) {
		const cs_insn *j = at(im, a);
		if (!j)
			return 0;
		if (j->id == X86_INS_SYSRET || j->id == X86_INS_IRETQ)
			return verw ? 0
				    : complain(im, j->address,
					      "no VERW as the last memory access before it");
		if (j->id == X86_INS_VERW)
			verw = true;
		else if (reads_memory(j))
			verw = false;
		a += j->size;
	}
	return 0;
}

unsigned rules_speculation(struct image *im, bool demand_all)
{
	unsigned bad = for_each(im, fence_on_both_arms) + for_each(im, no_indirect);
	if (demand_all)
		bad += for_each(im, int3_behind) + for_each(im, verw_last);
	return bad;
}
