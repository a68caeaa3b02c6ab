/*
 * Per call: how often, how often with an error, and the distribution of its length. The histogram's classes are powers of two
 * of a microsecond, because latencies spread over many orders of magnitude.
 */
#include "tracesummary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { CLASSES = 32, BAR = 40 };

struct figures {
	const char *name;
	size_t count, errors, room;
	double total;
	double *lengths;
};

struct table {
	struct figures *items;
	size_t count, room;
};

static struct figures *figures_of(struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->items[i].name, name) == 0)
			return &table->items[i];
	if (table->count == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->items = text_grow(table->items, table->room * sizeof(*table->items));
	}
	table->items[table->count] = (struct figures){.name = name};
	return &table->items[table->count++];
}

static void add(struct table *table, const struct trace_line *line)
{
	struct figures *f = figures_of(table, line->name);
	if (f->count == f->room) {
		f->room = f->room ? 2 * f->room : 64;
		f->lengths = text_grow(f->lengths, f->room * sizeof(*f->lengths));
	}
	f->lengths[f->count++] = line->length;
	f->total += line->length;
	f->errors += line->result && strncmp(line->result, "-E", 2) == 0;
}

static int compare_lengths(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static int compare_totals(const void *left, const void *right)
{
	double a = ((const struct figures *)left)->total;
	double b = ((const struct figures *)right)->total;
	return (a < b) - (a > b);
}

static double quantile(const struct figures *f, double part)
{
	return f->lengths[(size_t)((double)(f->count - 1) * part)];
}

/* Class n holds lengths from 2^n to 2^(n+1) tenths of a microsecond. */
static int class_of(double us)
{
	int n = us > 0.1 ? (int)floor(log2(us * 10)) : 0;
	return n < CLASSES ? n : CLASSES - 1;
}

static void print_histogram(const struct figures *f)
{
	size_t classes[CLASSES] = {0}, most = 0;
	for (size_t i = 0; i < f->count; i++) {
		size_t n = ++classes[class_of(f->lengths[i])];
		most = n > most ? n : most;
	}
	printf("\n%s\n", f->name);
	int first = 0, last = CLASSES - 1;
	while (!classes[first])
		first++;
	while (!classes[last])
		last--;
	for (int i = first; i <= last; i++) {
		int bar = (int)((classes[i] * BAR + most - 1) / most);
		printf("%12.1f us .. %10.1f us %8zu %.*s\n", ldexp(0.1, i), ldexp(0.1, i + 1),
			classes[i], bar, "########################################");
	}
}

void trace_summary_print(const struct trace_list *list,
	bool (*wanted)(const struct trace_line *line, const void *context), const void *context)
{
	struct table table = {0};
	for (size_t i = 0; i < list->count; i++) {
		const struct trace_line *line = &list->items[i];
		if (line->phase == 'X' && strcmp(line->category, "syscall") == 0 &&
			wanted(line, context))
			add(&table, line);
	}
	if (table.count > 0)
		qsort(table.items, table.count, sizeof(*table.items), compare_totals);
	printf("%-20s %8s %8s %12s %10s %10s %10s %10s\n", "system call", "calls", "errors",
		"total us", "mean us", "50 % us", "99 % us", "max us");
	for (size_t i = 0; i < table.count; i++) {
		struct figures *f = &table.items[i];
		qsort(f->lengths, f->count, sizeof(*f->lengths), compare_lengths);
		printf("%-20s %8zu %8zu %12.1f %10.1f %10.1f %10.1f %10.1f\n", f->name, f->count,
			f->errors, f->total, f->total / (double)f->count, quantile(f, 0.5),
			quantile(f, 0.99), f->lengths[f->count - 1]);
	}
	for (size_t i = 0; i < table.count; i++) {
		print_histogram(&table.items[i]);
		free(table.items[i].lengths);
	}
	free(table.items);
}
