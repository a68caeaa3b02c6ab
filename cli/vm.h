/* A running VM: QEMU, its channels, and what ends it. */
#ifndef CLI_VM_H
#define CLI_VM_H

#include <stdbool.h>

#include "klog.h"
#include "report.h"
#include "text.h"

struct vm_config {
	/* QEMU's command line. */
	const struct text_list *arguments;
	/* The initial archive. */
	int archive;
	/* Descriptors for the program; -1 for an empty input, or for output that nobody wants. */
	int input;
	int output;
	int errors;
	/* Where the kernel's log is shown, -1 for nowhere. */
	int log;
	/* What watches the program: its decoded calls, -1 for nowhere; and the bytes of the trace, NULL for nobody. */
	int strace;
	void (*trace)(void *context, const char *data, size_t length);
	void *trace_context;
	/* The terminal whose keys and size are the program's, or NULL. */
	struct terminal *terminal;
	/* Seconds; 0 for no limit. */
	double timeout;
	double boot_timeout;
};

/* Why the command itself ended the VM. */
enum vm_end {
	/* It did not: QEMU ended. */
	VM_ENDED,
	VM_TIMEOUT,
	VM_SIGNAL,
	VM_BOOT_TIMEOUT,
	VM_FINAL_TIMEOUT,
	VM_OUTPUT_FAILED,
};

struct vm_result {
	enum vm_end end;
	/* QEMU's status as waitpid() gives it. */
	int status;
	/* With VM_SIGNAL: which one.  With VM_OUTPUT_FAILED: the errno value. */
	int detail;
	struct report report;
	struct klog log;
	/* The start of what QEMU itself said. */
	char diagnosis[1024];
};

/* Runs a VM until it has ended and everything that it said is written. */
void vm_run(const struct vm_config *config, struct vm_result *result);
void vm_result_free(struct vm_result *result);

#endif
