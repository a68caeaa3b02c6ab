/*
 * The virtual machine.
 *
 * QEMU's microvm: no PCI, no firmware to wait for, virtio on a bus of its own.  Where things are in
 * it (QEMU 7.2, acpi=on): 24 virtio-mmio transports of 512 bytes from 0xfeb00000 on, with the
 * interrupts 24 to 47, the inputs of the second I/O APIC.  The console is put on the last explicitly
 * (QEMU fills them from the end), and the kernel is told with the word that Linux has for it, because
 * with acpi=on QEMU does not.
 *
 * Not on the first: QEMU's I/O APIC turns input 0 into input 2, which is meant for the ISA timer, but
 * done in the second one as well; the first transport's interrupt never arrives where it should.
 */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The transport that the console is on: for QEMU, and for the kernel. */
#define MACHINE_CONSOLE_BUS "virtio-mmio-bus.23"
#define MACHINE_CONSOLE "virtio_mmio.device=512@0xfeb02e00:47"

static void machine_add(struct text_list *arguments, const char *option, const char *value)
{
	text_list_add(arguments, option);
	text_list_add(arguments, value);
}

/*
 * Time is instructions, and starts at the same date always; RDRAND gives the same numbers. So the guest does the same again if it gets
 * the same input.
 */
static void machine_deterministic(struct text_list *arguments)
{
	machine_add(arguments, "-icount", "shift=0,sleep=off");
	machine_add(arguments, "-rtc", "base=2026-01-01T00:00:00,clock=vm");
	machine_add(arguments, "-seed", "1");
}

static void machine_processor(const struct machine *machine, struct text_list *arguments)
{
	if (machine->accel == ACCEL_KVM) {
		machine_add(arguments, "-accel", "kvm");
		/* Not migratable: only then does the guest see an invariant TSC. */
		machine_add(arguments, "-cpu", "host,migratable=no");
	} else {
		machine_add(arguments, "-accel", "tcg");
		/* Under icount every iteration of a REP string instruction counts as one. */
		machine_add(arguments, "-cpu", machine->icount ? "max,-erms" : "max");
	}
	text_list_add(arguments, "-smp");
	text_list_format(arguments, "%ld", machine->cpus);
	text_list_add(arguments, "-m");
	text_list_format(arguments, "%ldM", machine->memory_mib);
	if (machine->icount)
		machine_deterministic(arguments);
}

static void machine_channel(struct text_list *arguments, const char *id, enum machine_fd fd)
{
	text_list_add(arguments, "-chardev");
	text_list_format(arguments, "socket,id=%s,fd=%d", id, fd);
}

static void machine_port(struct text_list *arguments, const char *id, enum machine_fd fd)
{
	machine_channel(arguments, id, fd);
	text_list_add(arguments, "-device");
	text_list_format(arguments, "virtserialport,chardev=%s,name=airlock.%s", id, id);
}

/*
 * Not a socket: the serial port writes byte by byte, and each write takes most of a KiB of a socket's memory.  A log that is held up
 * by a slow reader changes what the kernel does, and when.
 */
static void machine_log(struct text_list *arguments)
{
	text_list_add(arguments, "-chardev");
	text_list_format(arguments, "file,id=log,path=/proc/self/fd/%d", MACHINE_FD_LOG);
	machine_add(arguments, "-serial", "chardev:log");
}

static void machine_devices(const struct machine *machine, struct text_list *arguments)
{
	text_list_add(arguments, "-initrd");
	text_list_format(arguments, "/proc/self/fd/%d", MACHINE_FD_ARCHIVE);
	machine_log(arguments);
	machine_add(arguments, "-global", "virtio-mmio.force-legacy=false");
	machine_add(arguments, "-device",
		"virtio-serial-device,bus=" MACHINE_CONSOLE_BUS ",max_ports=8");
	if (machine->input)
		machine_port(arguments, "stdin", MACHINE_FD_STDIN);
	machine_port(arguments, "stdout", MACHINE_FD_STDOUT);
	machine_port(arguments, "stderr", MACHINE_FD_STDERR);
	machine_port(arguments, "control", MACHINE_FD_CONTROL);
	if (machine->trace)
		machine_port(arguments, "trace", MACHINE_FD_TRACE);
	if (machine->strace)
		machine_port(arguments, "strace", MACHINE_FD_STRACE);
	if (machine->monitor) {
		machine_channel(arguments, "monitor", MACHINE_FD_MONITOR);
		machine_add(arguments, "-mon", "chardev=monitor,mode=readline");
	}
}

static void machine_kernel(const struct machine *machine, struct text_list *arguments)
{
	machine_add(arguments, "-kernel", machine->kernel);
	char *line = text_copy(machine->devices ? MACHINE_CONSOLE : "");
	for (size_t i = 0; i < machine->kernel_args.count; i++) {
		char *longer = text_format("%s %s", line, machine->kernel_args.items[i]);
		free(line);
		line = longer;
	}
	if (line[0])
		machine_add(arguments, "-append", line);
	free(line);
}

/* Where a kernel that counts what has run (make kernel-cov) leaves its counters: a file in the folder that the environment names. */
static void machine_coverage(struct text_list *arguments)
{
	const char *folder = getenv("AIRLOCK_COVERAGE");
	struct timespec now;
	if (!folder || !folder[0])
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	text_list_add(arguments, "-chardev");
	text_list_format(arguments, "file,id=coverage,path=%s/%ld-%ld%09ld.raw", folder,
		(long)getpid(), (long)now.tv_sec, now.tv_nsec);
	machine_add(arguments, "-device", "isa-debugcon,iobase=0x402,chardev=coverage");
}

void machine_arguments(const struct machine *machine, struct text_list *arguments)
{
	text_list_add(arguments, machine->qemu);
	machine_add(arguments, "-M", "microvm,acpi=on,pit=on,pic=on,rtc=on");
	text_list_add(arguments, "-nodefaults");
	text_list_add(arguments, "-no-user-config");
	text_list_add(arguments, "-no-reboot");
	machine_add(arguments, "-display", "none");
	machine_processor(machine, arguments);
	machine_add(arguments, "-device", "isa-debug-exit,iobase=0xf4");
	machine_coverage(arguments);
	/* The kernel puts it off as long as it lives. */
	machine_add(arguments, "-device", "ib700");
	machine_add(arguments, "-action", "watchdog=inject-nmi");
	if (machine->devices)
		machine_devices(machine, arguments);
	machine_kernel(machine, arguments);
	if (machine->gdb_port) {
		text_list_add(arguments, "-S");
		text_list_add(arguments, "-gdb");
		text_list_format(arguments, "tcp:127.0.0.1:%ld", machine->gdb_port);
	}
}

/* Single quotes keep everything but themselves. */
static void machine_print_quoted(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:,=@%+";
	if (word[0] && word[strspn(word, plain)] == '\0') {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

void machine_print(const struct text_list *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		if (i > 0)
			putchar(' ');
		machine_print_quoted(arguments->items[i]);
	}
	putchar('\n');
}
