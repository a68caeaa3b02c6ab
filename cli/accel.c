/*
 * Which accelerator works.
 *
 * That /dev/kvm exists says little: it may be forbidden, or be a software hypervisor that interprets
 * the guest's ring 0, thousands of times slower than emulation, and that fails on XGETBV or LDMXCSR.
 * So a tiny real-mode VM runs those two instructions and a short loop, in a child process that is
 * killed when it takes too long.  Since that costs some milliseconds, the answer is kept in the
 * user's cache folder until the next start of the host.
 */
#include "accel.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

enum {
	PROBE_MEMORY = 0x3000,
	PROBE_CODE = 0x1000,
	PROBE_LIMIT_MS = 1000,
	/* A processor does the loop in 0.1 ms, an interpreter in hundreds. */
	PROBE_LOOP_LIMIT_MS = 25,
	CR4_OSFXSR = 1 << 9,
	CR4_OSXSAVE = 1 << 18,
};

/* Real mode, flat segments, at PROBE_CODE; MXCSR's reset value is at 0x2000. */
static const uint8_t probe_code[] = {
	/* xor %ecx,%ecx; xgetbv */
	0x66, 0x31, 0xc9, 0x0f, 0x01, 0xd0,
	/* ldmxcsr 0x2000 */
	0x0f, 0xae, 0x16, 0x00, 0x20,
	/* mov $200000,%ecx; 1: dec %ecx; jnz 1b */
	0x66, 0xb9, 0x40, 0x0d, 0x03, 0x00, 0x66, 0x49, 0x75, 0xfc,
	/* hlt */
	0xf4};

enum accel accel_from_name(const char *name)
{
	if (strcmp(name, "kvm") == 0)
		return ACCEL_KVM;
	return strcmp(name, "tcg") == 0 ? ACCEL_TCG : ACCEL_AUTO;
}

static double probe_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool probe_set_memory(int vm)
{
	uint8_t *memory =
		mmap(NULL, PROBE_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	static const uint32_t mxcsr = 0x1f80;
	memcpy(memory + PROBE_CODE, probe_code, sizeof(probe_code));
	memcpy(memory + 0x2000, &mxcsr, sizeof(mxcsr));
	struct kvm_userspace_memory_region region = {
		.memory_size = PROBE_MEMORY, .userspace_addr = (uintptr_t)memory};
	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0;
}

static bool probe_set_cpuid(int kvm, int cpu)
{
	enum { ENTRIES = 256 };
	struct kvm_cpuid2 *cpuid = text_alloc(sizeof(*cpuid) + ENTRIES * sizeof(cpuid->entries[0]));
	cpuid->nent = ENTRIES;
	bool done = ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid) == 0 &&
		    ioctl(cpu, KVM_SET_CPUID2, cpuid) == 0;
	free(cpuid);
	return done;
}

static bool probe_set_registers(int cpu)
{
	struct kvm_sregs special;
	if (ioctl(cpu, KVM_GET_SREGS, &special) != 0)
		return false;
	special.cs.base = 0;
	special.cs.selector = 0;
	special.cr4 |= CR4_OSFXSR | CR4_OSXSAVE;
	struct kvm_regs registers = {.rip = PROBE_CODE, .rflags = 2};
	return ioctl(cpu, KVM_SET_SREGS, &special) == 0 &&
	       ioctl(cpu, KVM_SET_REGS, &registers) == 0;
}

static bool probe_run(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);
	int cpu = vm < 0 ? -1 : ioctl(vm, KVM_CREATE_VCPU, 0);
	int size = cpu < 0 ? -1 : ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size <= 0 || !probe_set_memory(vm) || !probe_set_cpuid(kvm, cpu) ||
		!probe_set_registers(cpu))
		return false;
	struct kvm_run *run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run == MAP_FAILED)
		return false;

	double start = probe_now_ms();
	return ioctl(cpu, KVM_RUN, 0) == 0 && run->exit_reason == KVM_EXIT_HLT &&
	       probe_now_ms() - start < PROBE_LOOP_LIMIT_MS;
}

/* Runs the probe in a child; the pipe closes when it has ended in whatever way. */
static bool probe_with_limit(void)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid_t child = fork();
	if (child == 0)
		_exit(probe_run() ? 0 : 1);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return false;
	}

	struct pollfd ended = {.fd = ends[0], .events = POLLIN};
	if (poll(&ended, 1, PROBE_LIMIT_MS) <= 0)
		kill(child, SIGKILL);
	close(ends[0]);
	int status;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Reads a line; an empty one when there is no such file. */
static void cache_read(const char *path, char *line, size_t size)
{
	line[0] = '\0';
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(line, (int)size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

/* Where the answer is kept; NULL when the user has no folder for it. */
static char *cache_path(void)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char *folder;
	if (cache && cache[0] == '/')
		folder = text_copy(cache);
	else if (home && home[0] == '/')
		folder = text_format("%s/.cache", home);
	else
		return NULL;
	char *path = text_format("%s/airlock-kvm", folder);
	mkdir(folder, 0700);
	free(folder);
	return path;
}

/* Written beside and renamed, so that another command never reads half of it. */
static void cache_write(const char *path, const char *line)
{
	char *beside = text_format("%s.%ld", path, (long)getpid());
	FILE *file = fopen(beside, "we");
	if (file) {
		int written = fprintf(file, "%s\n", line);
		if (fclose(file) != 0 || written < 0 || rename(beside, path) != 0)
			unlink(beside);
	}
	free(beside);
}

/* The two possible lines of the cache: the boot of the host for which they hold, and the answer. */
static bool probe_cached(void)
{
	char boot[64], line[128];
	cache_read("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	char *yes = text_format("%s %u yes", boot, geteuid());
	char *no = text_format("%s %u no", boot, geteuid());
	char *path = cache_path();
	bool works;

	if (path)
		cache_read(path, line, sizeof(line));
	else
		line[0] = '\0';
	if (boot[0] && strcmp(line, yes) == 0) {
		works = true;
	} else if (boot[0] && strcmp(line, no) == 0) {
		works = false;
	} else {
		works = probe_with_limit();
		if (path && boot[0])
			cache_write(path, works ? yes : no);
	}
	free(path);
	free(yes);
	free(no);
	return works;
}

enum accel accel_choose(enum accel wanted)
{
	if (wanted != ACCEL_AUTO)
		return wanted;
	/* Without permission there is nothing to probe, and permissions may change. */
	if (access("/dev/kvm", R_OK | W_OK) != 0)
		return ACCEL_TCG;
	return probe_cached() ? ACCEL_KVM : ACCEL_TCG;
}
