/* The statements of a description: one a line; words separated by blanks; '#' begins a comment. docs/entrycheck.md lists them. */
#ifndef ENTRYCHECK_STATEMENT_H
#define ENTRYCHECK_STATEMENT_H

#include "model.h"

#define WORDS_PER_LINE 48

struct reader {
	struct model *m;
	struct image *im;
	const char *path;
	unsigned line;
	char *word[WORDS_PER_LINE];
	unsigned count;
	unsigned rsp0;
	uint8_t ist[256]; /* region + 1 */
	bool error_code[256], soft[256];
};

/* Adds the statement whose words are in the reader to its model. False, with a message, if it is none. */
bool statement_read(struct reader *r);

#endif
