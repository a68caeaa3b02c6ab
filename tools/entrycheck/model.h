/*
 * The description of a kernel's crossing: which roots map what, which words lie at GS, which doors exist, and what its C
 * functions promise. Read from a description file (docs/entrycheck.md) and from the contracts in the ELF.
 */
#ifndef ENTRYCHECK_MODEL_H
#define ENTRYCHECK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "image.h"
#include "value.h"

#define ROOTS_MAX 8
#define REGIONS_MAX 16
#define WORDS_MAX 16
#define DOORS_MAX 320
#define CONTRACTS_MAX 64
#define WORD_VALUES_MAX 4
#define FRAME_MAX 32
#define SLOTS_FIXED_MAX 16

enum base { BASE_USER, BASE_KERNEL };

struct root {
	char name[32];
	bool kernel; /* kernel code may run on it */
};

/* Memory that the crossing's code can name: stacks, the per-CPU words, everything else of the kernel. */
struct region {
	char name[32];
	uint32_t roots; /* bit n: root n maps it */
	int32_t size;	/* bytes below the top, for stacks; 0: not checked */
	bool is_stack;
	bool is_ist;
};

struct word {
	char name[32];
	uint32_t offset;
	value_t values[WORD_VALUES_MAX]; /* the first is what ring 3 leaves with */
	unsigned value_count;
	bool scratch; /* holds whatever was stored last */
};

/* What makes a frame safe to enter ring 3 with: exactly these selectors, flags that are set and that may be, RIP at most this. */
struct sane_frame {
	uint64_t cs, ss, flags_must, flags_may, rip_max;
};

/* What a function does to a frame: a sane one stays sane; any becomes sane. */
enum sane { SANE_NOT, SANE_KEEPS, SANE_MAKES };

struct contract {
	char name[64];
	uint64_t address;
	/* what must hold at the call; -1: not said */
	int gs, cr3_kernel, iflag, df, ac;
	int rsp_region; /* -1: any */
	bool rsp_ist, rsp_kernel;
	int out_iflag;
	bool irq, switches, frame, fixup, error_slot, noreturn, result_sysret, result_to_thread;
	bool restores; /* STI stands in irq_restore() alone, which leaves IF at 0 */
	bool roots;    /* may load CR3 */
	bool work;     /* leaves work for the exit, so the caller may leave any frame */
	bool touches_user, touches_kernel;
	uint32_t
		dies_live; /* region bits: does not return if another handler's frame there is live */
	uint32_t never;	   /* region bits: does not return at all to a handler on that stack */
	uint32_t touches;      /* region bits it reads or writes */
	uint32_t writes;       /* word bits: may write */
	uint32_t stores;       /* word bits: writes something other than what ring 3 leaves with */
	uint8_t to_thread[32]; /* bitmap of vectors for which result to_thread may be true */
	bool indirect;	       /* its call tree may hold indirect calls */
	enum sane sane;
	int sane_reg; /* the frame is at this register plus sane_offset, or at [register + sane_at] plus it */
	bool sane_indirect;
	int32_t sane_at;
	int64_t sane_offset;
};

enum door_kind { DOOR_VECTOR, DOOR_SYSCALL, DOOR_RESUME, DOOR_FUNCTION };

struct door {
	enum door_kind kind;
	uint64_t address;
	unsigned vector;
	int region; /* stack that the CPU switches to (from ring 3, or always for IST) */
	bool ist;
	bool error_code;
	bool soft;			 /* raised by instructions only */
	const struct contract *contract; /* DOOR_FUNCTION */
};

struct model {
	char mode[32]; /* which variant of the description is in force */
	struct root roots[ROOTS_MAX];
	unsigned root_count;
	struct region regions[REGIONS_MAX];
	unsigned region_count;
	struct word words[WORDS_MAX];
	unsigned word_count;
	int words_region;
	uint32_t text_roots, data_roots;
	unsigned user_root; /* what ring 3 must be returned to with */
	unsigned
		start_root; /* what ring 3 is interrupted on: the same, unless the description says otherwise */
	struct door doors[DOORS_MAX];
	unsigned door_count;
	struct contract contracts[CONTRACTS_MAX];
	unsigned contract_count;
	unsigned irq_vector_first;
	bool zero_registers; /* C must not be called with the program\'s values in registers */
	bool positive_gs;    /* ring 3's GS base never has its top bit set */
	unsigned alignment;  /* of the stack at a call of C code */
	/* CR3 of the one root has these bits set that are clear in the other's, and no other difference; 0: no such pair */
	uint64_t root_bits;
	unsigned root_without, root_with;
	bool same_gs;	 /* ring 3 has the kernel's GS base, too, and can't change it */
	bool sane_frame; /* such a frame is described */
	struct sane_frame sane;
	uint64_t fault_ok; /* an instruction that may fault in ring 0 (IRETQ to ring 3); 0: none */
	struct {
		unsigned region;
		int32_t offset;
		value_t value;
	} fixed[SLOTS_FIXED_MAX]; /* what lies in stacks for good */
	unsigned fixed_count;
	uint8_t frame[FRAME_MAX]; /* enum reg by 8-byte slot, FRAME_NONE: not a register */
	unsigned frame_slots;
};

#define FRAME_NONE 255
#define REGION_BELOW 0 /* the interrupted kernel code's own stack, from its RSP down */
#define REGION_DATA 1  /* everything that is not another region */

/* Reads a description for an opened image; mode selects lines that begin with [mode]. False with a message. */
bool model_read(struct model *m, struct image *im, const char *path, const char *mode);
/* The names of the modes a description has, at most max; a description without any has one, "". */
unsigned model_modes(const char *path, char names[][32], unsigned max);

const struct contract *model_contract(const struct model *m, uint64_t address);
int model_region(const struct model *m, const char *name);
int model_root(const struct model *m, const char *name);

#endif
