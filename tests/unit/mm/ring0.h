/*
 * Privileged instructions of code that is tested on the host: each faults there, and is done here by a model of the registers that it
 * is about. So the instructions themselves are tested, not doubles of the functions around them.
 *
 * The includer defines _GNU_SOURCE. Known: MOV from and to CR3 and CR4, RDMSR and WRMSR, INVLPG, INVPCID. Whatever else faults ends the test as it would without this.
 */
#ifndef RING0_H
#define RING0_H

#include "unit.h"

/* As in unit.h. */
#define sigset_t libc_sigset_t
#include <signal.h>
#include <ucontext.h>
#undef sigset_t

#include "lib/types.h"

/* The model. A test sets what it needs, and looks at what became of it. */
struct ring0 {
	u64 cr3, cr4, efer;
	u32 invlpgs, invpcids, cr3_loads;
	u64 invlpg; /* the last one's address */
	struct {
		u64 type, pcid, va;
	} invpcid; /* the last one */
	/* Before a register is written; NULL: anything goes. */
	void (*cr_written)(u32 cr, u64 value);
};
static struct ring0 ring0;

/* In the order of their numbers. */
static const int ring0_order[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI,
	REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

struct ring0_instruction {
	greg_t *registers;
	const u8 *at; /* the next byte */
	u8 rex, modrm;
};

static greg_t *ring0_register(const struct ring0_instruction *i, u32 number)
{
	return &i->registers[ring0_order[number]];
}

static u32 ring0_reg_field(const struct ring0_instruction *i)
{
	return (i->modrm >> 3 & 7) | (i->rex & 4 ? 8 : 0);
}

static u32 ring0_rm_field(const struct ring0_instruction *i)
{
	return (i->modrm & 7) | (i->rex & 1 ? 8 : 0);
}

/* The bytes of ModRM's memory operand: moves behind it. */
static u64 ring0_memory(struct ring0_instruction *i)
{
	u32 mod = i->modrm >> 6;
	u64 address = 0;
	s32 wide;

	if ((i->modrm & 7) == 4) {
		u8 sib = *i->at++;
		u32 index = (sib >> 3 & 7) | (i->rex & 2 ? 8 : 0);

		if (index != 4)
			address += (u64)*ring0_register(i, index) << (sib >> 6);
		/* Without a base the tested code has none. */
		assert_false((sib & 7) == 5 && mod == 0);
		address += (u64)*ring0_register(i, (sib & 7) | (i->rex & 1 ? 8 : 0));
	} else {
		assert_false((i->modrm & 7) == 5 && mod == 0);
		address = (u64)*ring0_register(i, ring0_rm_field(i));
	}
	if (mod == 1)
		return address + (u64)(s64)(s8)*i->at++;
	if (mod == 2) {
		memcpy(&wide, i->at, sizeof(wide));
		i->at += sizeof(wide);
		address += (u64)(s64)wide;
	}
	return address;
}

static u64 *ring0_control(u32 number)
{
	assert_true(number == 3 || number == 4);
	return number == 3 ? &ring0.cr3 : &ring0.cr4;
}

static void ring0_write_control(u32 number, u64 value)
{
	if (ring0.cr_written)
		ring0.cr_written(number, value);
	ring0.cr3_loads += number == 3;
	*ring0_control(number) = value;
}

static void ring0_msr(struct ring0_instruction *i, bool write)
{
	greg_t *low = ring0_register(i, 0), *high = ring0_register(i, 2);

	/* EFER. */
	assert_int_equal((u32)*ring0_register(i, 1), 0xc0000080);
	if (write) {
		ring0.efer = (u64)*high << 32 | (u32)*low;
		return;
	}
	*low = (u32)ring0.efer;
	*high = (greg_t)(ring0.efer >> 32);
}

static void ring0_invpcid(struct ring0_instruction *i)
{
	u64 descriptor[2];

	i->modrm = *i->at++;
	ring0.invpcid.type = (u64)*ring0_register(i, ring0_reg_field(i));
	memcpy(descriptor, (void *)ring0_memory(i), sizeof(descriptor));
	ring0.invpcid.pcid = descriptor[0];
	ring0.invpcid.va = descriptor[1];
	ring0.invpcids++;
}

/* After 0f. False: unknown. */
static bool ring0_two_bytes(struct ring0_instruction *i)
{
	u8 opcode = *i->at++;

	switch (opcode) {
	case 0x01:
		i->modrm = *i->at++;
		if (i->modrm >> 6 == 3 || (i->modrm >> 3 & 7) != 7)
			return false;
		ring0.invlpg = ring0_memory(i);
		ring0.invlpgs++;
		return true;
	case 0x20:
		i->modrm = *i->at++;
		*ring0_register(i, ring0_rm_field(i)) = (greg_t)*ring0_control(ring0_reg_field(i));
		return true;
	case 0x22:
		i->modrm = *i->at++;
		ring0_write_control(ring0_reg_field(i), (u64)*ring0_register(i, ring0_rm_field(i)));
		return true;
	case 0x30:
	case 0x32:
		ring0_msr(i, opcode == 0x30);
		return true;
	case 0x38:
		if (*i->at++ != 0x82)
			return false;
		ring0_invpcid(i);
		return true;
	default:
		return false;
	}
}

static void ring0_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct ring0_instruction i = {.registers = uc->uc_mcontext.gregs,
		.at = (const u8 *)uc->uc_mcontext.gregs[REG_RIP]};

	if (*i.at == 0x66)
		i.at++;
	if ((*i.at & 0xf0) == 0x40)
		i.rex = *i.at++;
	if (*i.at++ == 0x0f && ring0_two_bytes(&i)) {
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)i.at;
		return;
	}
	/* Not ours: the same again, without us. */
	signal(number, SIG_DFL);
}

static void ring0_begin(void)
{
	/* Processors without INVPCID do not know the instruction. A failed assertion leaves the handler by a jump. */
	struct sigaction a = {.sa_sigaction = ring0_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};

	memset(&ring0, 0, sizeof(ring0));
	sigaction(SIGSEGV, &a, NULL);
	sigaction(SIGILL, &a, NULL);
}

#endif
