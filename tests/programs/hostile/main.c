/*
 * hostile list            every case: its name and whether it survives or dies hostile NAME
 * runs one hostile batch [PART]    runs all that survive (and whose name begins with PART),
 * one after the other
 */
#include "hostile.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct hostile_case cases[2048];
static size_t case_count;

const struct bad_address bad_addresses[] = {
	{"null", 0},
	{"one", 1},
	{"top", 0x7ffffffff000},
	{"last-byte", 0x7fffffffffff},
	{"hole", 0x800000000000},
	{"hole-end", 0xffff7fffffffffff},
	{"direct-map", 0xffff800000001000},
	{"linux-direct-map", 0xffff888000001000},
	{"cpu-area", 0xfffffe0000000000},
	{"cpu-area-stack", 0xfffffe0000006ff8},
	{"kernel-text", 0xffffffff80100000},
	{"minus-one", 0xffffffffffffffff},
};
const size_t bad_address_count = COUNT(bad_addresses);

void case_add(enum fate fate, void (*run)(const struct hostile_case *), uint64_t a, uint64_t b,
	const char *name, ...)
{
	if (case_count == COUNT(cases))
		abort();
	struct hostile_case *c = &cases[case_count++];
	*c = (struct hostile_case){.fate = fate, .run = run, .a = a, .b = b};
	va_list arguments;
	va_start(arguments, name);
	if (vasprintf(&c->name, name, arguments) < 0)
		abort();
	va_end(arguments);
}

void say(const char *format, ...)
{
	char line[512];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(line))
		abort();
	for (int done = 0; done < length;) {
		ssize_t n = write(1, line + done, (size_t)(length - done));
		if (n <= 0)
			_exit(99);
		done += (int)n;
	}
}

void *fresh_pages(size_t count, int prot)
{
	void *p = mmap(NULL, count * 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		say("no memory\n");
		_exit(98);
	}
	return p;
}

char *page_end(int prot)
{
	char *p = fresh_pages(2, PROT_READ | PROT_WRITE);
	memset(p, 'a', 4096);
	if (munmap(p + 4096, 4096) != 0 || mprotect(p, 4096, prot) != 0)
		_exit(97);
	return p + 4096;
}

static void add_all(void)
{
	state_cases();
	flags_cases();
	base_cases();
	code_cases();
	control_cases();
	vector_cases();
	fpu_cases();
	memory_cases();
	pointer_cases();
	number_cases();
	register_cases();
	signal_cases();
	sigreturn_cases();
}

static int list_cases(void)
{
	for (size_t i = 0; i < case_count; i++)
		printf("%s %s\n", cases[i].name, cases[i].fate == DIES ? "dies" : "survives");
	return 0;
}

static int run_batch(const char *part)
{
	for (size_t i = 0; i < case_count; i++) {
		if (cases[i].fate == DIES || strncmp(cases[i].name, part, strlen(part)) != 0)
			continue;
		say("== %s\n", cases[i].name);
		cases[i].run(&cases[i]);
	}
	say("== end\n");
	return 0;
}

static int run_one(const char *name)
{
	for (size_t i = 0; i < case_count; i++) {
		if (strcmp(cases[i].name, name) != 0)
			continue;
		cases[i].run(&cases[i]);
		say("survived\n");
		return 0;
	}
	fprintf(stderr, "hostile: no case %s\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	add_all();
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list_cases();
	if (argc >= 2 && strcmp(argv[1], "batch") == 0)
		return run_batch(argc > 2 ? argv[2] : "");
	if (argc == 2)
		return run_one(argv[1]);
	fprintf(stderr, "usage: hostile list | batch [PART] | NAME\n");
	return 2;
}
