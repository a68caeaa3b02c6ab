/* The state that frameflow.c follows. */
#ifndef ENTRYCHECK_FRAMESTATE_H
#define ENTRYCHECK_FRAMESTATE_H

#include "framevalue.h"
#include "model.h"

/* General registers in the CPU's order. */
enum { FR_A, FR_C, FR_D, FR_B, FR_SP, FR_BP, FR_SI, FR_DI, FR_8, FR_9, FR_COUNT = 16 };

enum frame_word { FW_RIP, FW_CS, FW_FLAGS, FW_SS, FW_WORDS };

#define FS_SLOTS 192

/* What the last comparison says of a register or of a word of the frame: it was compared with a constant. */
struct comparison {
	bool known;
	bool constant_first; /* constant - value, otherwise value - constant */
	int reg;	     /* or -1 */
	enum frame_word word;
	uint64_t constant;
};

struct fs {
	bool reached;
	bool excused; /* work is left for the exit, which makes any frame sane */
	struct fv reg[FR_COUNT];
	struct fv slot[FS_SLOTS]; /* below the RSP of the function's beginning */
	struct fv word[FW_WORDS];
	struct comparison compared;
	/* Where in memory the frame's address is, if the contract names such a place. */
	bool indirect;
	int32_t indirect_at;
	int64_t indirect_offset;
};

/* As a contract's function is called. */
struct fs fs_at_call(const struct model *m, const struct contract *k);
/* A function that is called in this state begins. */
void fs_begin(struct fs *s, const struct fs *at_call, const struct contract *k);
/* A called function has returned, but for the words. */
void fs_after_call(struct fs *s);
/* Adds; true if that changed something. */
bool fs_join(struct fs *to, const struct fs *from);

/* The first word that may not be sane; FW_WORDS if all are. */
enum frame_word fs_sane(const struct model *m, const struct fs *s);
void fs_make_sane(const struct model *m, struct fs *s);
void fs_forget_words(struct fs *s);

/* Memory: 8 bytes of the stack or of the frame that are written as a whole are known. */
struct fv fs_load(struct fs *s, struct fv at, unsigned bytes);
void fs_store(struct fs *s, struct fv at, unsigned bytes, struct fv value);
/* These bytes are now unknown. */
void fs_forget(struct fs *s, struct fv at, int64_t length);
/* The word at this offset in the frame, or -1. */
int fs_word_at(int64_t offset);

#endif
