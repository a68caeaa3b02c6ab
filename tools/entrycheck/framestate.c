/* What is known at a place: registers, the stack below the function's beginning, and the frame's four words. */
#include "framestate.h"

struct fs fs_at_call(const struct model *m, const struct contract *k)
{
	struct fs s = {.reached = true};
	for (int r = 0; r < FR_COUNT; r++)
		s.reg[r] = fv_any();
	s.reg[k->sane_reg] = k->sane_indirect ? fv_pointer(FV_ARGUMENT, 0)
					      : fv_pointer(FV_FRAME, -k->sane_offset);
	fs_forget_words(&s);
	if (k->sane == SANE_KEEPS)
		fs_make_sane(m, &s);
	return s;
}

void fs_begin(struct fs *s, const struct fs *at_call, const struct contract *k)
{
	*s = *at_call;
	s->indirect = k->sane_indirect;
	s->indirect_at = k->sane_at;
	s->indirect_offset = -k->sane_offset;
	s->compared.known = false;
	for (int i = 0; i < FS_SLOTS; i++)
		s->slot[i] = fv_any();
	/* The caller's own stack is not looked at. */
	for (int r = 0; r < FR_COUNT; r++)
		if (s->reg[r].kind == FV_STACK)
			s->reg[r] = fv_any();
	s->reg[FR_SP] = fv_pointer(FV_STACK, 0);
}

void fs_after_call(struct fs *s)
{
	static const int lost[] = {FR_A, FR_C, FR_D, FR_SI, FR_DI, FR_8, FR_9, 10, 11};
	for (unsigned i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		s->reg[lost[i]] = fv_any();
	s->compared.known = false;
}

static bool join(struct fv *to, struct fv from)
{
	struct fv now = fv_join(*to, from);
	bool changed = !fv_equal(now, *to);
	*to = now;
	return changed;
}

static bool comparison_equal(const struct comparison *a, const struct comparison *b)
{
	return a->known == b->known && a->constant_first == b->constant_first && a->reg == b->reg &&
	       a->word == b->word && a->constant == b->constant;
}

bool fs_join(struct fs *to, const struct fs *from)
{
	bool changed = false;
	if (!to->reached) {
		*to = *from;
		return true;
	}
	for (int r = 0; r < FR_COUNT; r++)
		changed |= join(&to->reg[r], from->reg[r]);
	for (int i = 0; i < FS_SLOTS; i++)
		changed |= join(&to->slot[i], from->slot[i]);
	for (int i = 0; i < FW_WORDS; i++)
		changed |= join(&to->word[i], from->word[i]);
	if (to->excused && !from->excused) {
		to->excused = false;
		changed = true;
	}
	if (to->compared.known && !comparison_equal(&to->compared, &from->compared)) {
		to->compared = (struct comparison){0};
		changed = true;
	}
	return changed;
}

/* -- the words -- */

enum frame_word fs_sane(const struct model *m, const struct fs *s)
{
	const struct sane_frame *f = &m->sane;
	if (s->word[FW_CS].may != f->cs || s->word[FW_CS].must != f->cs)
		return FW_CS;
	if (s->word[FW_SS].may != f->ss || s->word[FW_SS].must != f->ss)
		return FW_SS;
	if ((s->word[FW_FLAGS].may & ~f->flags_may) || (f->flags_must & ~s->word[FW_FLAGS].must))
		return FW_FLAGS;
	return s->word[FW_RIP].max > f->rip_max ? FW_RIP : FW_WORDS;
}

void fs_make_sane(const struct model *m, struct fs *s)
{
	const struct sane_frame *f = &m->sane;
	s->word[FW_CS] = fv_const(f->cs);
	s->word[FW_SS] = fv_const(f->ss);
	s->word[FW_FLAGS] =
		fv_or(fv_and(fv_any(), fv_const(f->flags_may)), fv_const(f->flags_must));
	s->word[FW_RIP] = fv_limit(fv_any(), f->rip_max);
}

void fs_forget_words(struct fs *s)
{
	for (int i = 0; i < FW_WORDS; i++)
		s->word[i] = fv_any();
}

/* -- memory -- */

/* In a struct trap_frame, and how they lie there: RIP, CS, RFLAGS, RSP, SS. */
enum { FRAME_RIP = 136, FRAME_BYTES = 176 };

static const int word_at[FW_WORDS] = {FRAME_RIP, FRAME_RIP + 8, FRAME_RIP + 16, FRAME_RIP + 32};

static struct fv *slot_of(struct fs *s, int64_t offset)
{
	int64_t n = -offset / 8 - 1;
	return offset < 0 && offset % 8 == 0 && n < FS_SLOTS ? &s->slot[n] : NULL;
}

int fs_word_at(int64_t offset)
{
	for (int i = 0; i < FW_WORDS; i++)
		if (word_at[i] == offset)
			return i;
	return -1;
}

struct fv fs_load(struct fs *s, struct fv at, unsigned bytes)
{
	struct fv *slot = at.kind == FV_STACK ? slot_of(s, at.offset) : NULL;
	int word = at.kind == FV_FRAME ? fs_word_at(at.offset) : -1;
	if (slot)
		return fv_narrow(*slot, bytes);
	if (word >= 0)
		return fv_narrow(s->word[word], bytes);
	if (at.kind == FV_ARGUMENT && s->indirect && at.offset == s->indirect_at && bytes == 8)
		return fv_pointer(FV_FRAME, s->indirect_offset);
	return fv_any();
}

/* Bytes in [from, from + length) of the frame or the stack are now unknown. */
void fs_forget(struct fs *s, struct fv at, int64_t length)
{
	for (int i = 0; at.kind == FV_FRAME && i < FW_WORDS; i++)
		if (word_at[i] + 8 > at.offset && word_at[i] < at.offset + length)
			s->word[i] = fv_any();
	for (int64_t i = 0; at.kind == FV_STACK && i < FS_SLOTS; i++)
		if (-8 * i > at.offset && -8 * i - 8 < at.offset + length)
			s->slot[i] = fv_any();
}

void fs_store(struct fs *s, struct fv at, unsigned bytes, struct fv value)
{
	fs_forget(s, at, bytes);
	struct fv *slot = at.kind == FV_STACK ? slot_of(s, at.offset) : NULL;
	int word = at.kind == FV_FRAME ? fs_word_at(at.offset) : -1;
	if (bytes == 8 && slot)
		*slot = value;
	if (bytes == 8 && word >= 0)
		s->word[word] = value;
}
