/*
 * The program that the sweep (docs/sweep.md) runs while it injects events.
 *
 *	sweep work VARIANT    rounds of crossings, until standard input is at its end (and at least 20)
 *	sweep once VARIANT    one round
 *	sweep die HOW         ends at once: "none", or by an exception
 *	sweep born            looks at the registers that it started with, as all of these do
 *
 * A round makes each kind of crossing once. Before each, every register that ring 3 owns gets a value that depends on the
 * variant and the kind alone; after it, all are compared. A block of memory with a pattern is checked, too. So all
 * rounds are alike and give the same checksum, however many there are. `work` prints one line, "variant V checksum X", or says
 * what differed, with status 1. Variant 1 uses a GS selector, so that a switch has to load it, and an alternate stack for signals.
 */
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "kind.h"

#define PATTERN_WORDS (16 * 512)
#define ROUNDS_MIN 20

static uint64_t checksum;
static uint64_t pattern[PATTERN_WORDS];

static void add_to_checksum(const void *data, size_t bytes)
{
	const uint8_t *p = data;
	for (size_t i = 0; i < bytes; i++)
		checksum = mix(checksum ^ p[i]);
}

static void compare_memory(void)
{
	for (size_t i = 0; i < PATTERN_WORDS; i++)
		if (pattern[i] != mix(variant ^ i))
			differs("memory", "a word of the pattern", mix(variant ^ i), pattern[i]);
	add_to_checksum(pattern, 64);
}

static uint64_t make_round(void)
{
	static const struct kind *const tables[] = {
		kinds_call, kinds_signal, kinds_child, kinds_traced};
	uint64_t number = 0;
	checksum = 0;
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct kind *kind = tables[t]; kind->name; kind++) {
			/* Bit 12 says whether the flags are set: every other one, the others in the other variant. */
			uint64_t flags = (number + variant) % 2 << 12;
			uint64_t seed = mix(variant * 100 + number++);
			kind_make(kind, (seed & ~0x1000UL) | flags);
			if (!kind->act)
				add_to_checksum(&crossing_out, sizeof(crossing_out));
		}
	compare_memory();
	return checksum;
}

static int input_at_end(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	char byte;
	return poll(&input, 1, 0) == 1 && read(0, &byte, 1) <= 0;
}

static int work(uint64_t which, int rounds_min)
{
	variant = which;
	setbuf(stdout, NULL);
	kinds_signal_ready();
	kinds_child_ready();
	for (size_t i = 0; i < PATTERN_WORDS; i++)
		pattern[i] = mix(variant ^ i);
	uint64_t first = make_round();
	for (int rounds = 1; rounds < rounds_min || (rounds_min > 1 && !input_at_end()); rounds++) {
		uint64_t now = make_round();
		if (now != first)
			differs("round", "the checksum", first, now);
	}
	printf("variant %lu checksum %016lx\n", variant, first);
	return 0;
}

int main(int argc, char **argv)
{
	born_check();
	if (argc == 2 && strcmp(argv[1], "born") == 0)
		return 0;
	if (argc == 3 && strcmp(argv[1], "work") == 0)
		return work(strtoul(argv[2], NULL, 10), ROUNDS_MIN);
	if (argc == 3 && strcmp(argv[1], "once") == 0)
		return work(strtoul(argv[2], NULL, 10), 1);
	if (argc == 3 && strcmp(argv[1], "die") == 0)
		return die(argv[2]);
	fprintf(stderr, "sweep work VARIANT | sweep once VARIANT | sweep die HOW | sweep born\n");
	return 2;
}
