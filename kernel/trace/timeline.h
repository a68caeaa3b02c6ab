/* Crossing records as text: see timeline.c for the form. */
#ifndef TRACE_TIMELINE_H
#define TRACE_TIMELINE_H

#include "lib/types.h"
#include "trace/ring.h"

/* Longest line, with its NUL. */
#define TIMELINE_LINE 160

/* Writes the line for record n of a CPU into text; start_tsc is the time that is shown as 0. */
void timeline_format(char *text, u32 cpu, u64 n, const struct trace_record *r, u64 start_tsc);

/* The name of a vector: "#PF", "TIMER", "SYSCALL"; "IRQ" for one that has no other. */
const char *vector_name(u64 vector);

#endif
