/* What a test says about itself. */
#ifndef CLI_TESTHEADER_H
#define CLI_TESTHEADER_H

#include <stdbool.h>

/* The time limit of a test that names none. */
#define TESTHEADER_SECONDS 60.0

/* How much runs: each has all that those after it have. A test's own is the last of them that it is part of. */
enum test_span { SPAN_ALL, SPAN_MOST, SPAN_QUICK };

/* What the header comment of a test's source says. */
struct test_header {
	bool cpus;
	bool pti;
	bool pairs; /* of the four variants two are enough, but for nightly */
	enum test_span span;
	bool span_said; /* the header has it */
	bool nightly;
	double timeout;
	char summary[200];
};

/*
 * Reads "key: value" lines of a source's leading comment ("#", "//" or "*" in front). Values that
 * make no sense are an error: false, after one line that names the file.
 */
bool testheader_parse(const char *path, const char *text, struct test_header *header);

/* The same for a file; one that cannot be read has no header. */
bool testheader_read(const char *path, struct test_header *header);

#endif
