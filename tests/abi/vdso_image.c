// summary: the vDSO: an ELF image with versioned symbols, whose functions agree with the system calls
//
// Seen to fail: with the page of data not filled in (every function takes the long way and still agrees, but the
// check of AT_SYSINFO_EHDR's symbols fails if the image is not mapped), with the offset of the time of day left out.
#include "abi.h"
#include <elf.h>
#include <link.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const char *base;
static const Elf64_Dyn *dynamic;

static const void *entry(Elf64_Sxword tag)
{
	for (const Elf64_Dyn *d = dynamic; d->d_tag != DT_NULL; d++)
		if (d->d_tag == tag)
			return base + d->d_un.d_ptr;
	return NULL;
}

static void *find(const char *name)
{
	const Elf64_Sym *symbols = entry(DT_SYMTAB);
	const char *strings = entry(DT_STRTAB);
	const uint32_t *hash = entry(DT_HASH);
	const Elf64_Half *versions = entry(DT_VERSYM);
	const Elf64_Verdef *def = entry(DT_VERDEF);
	uint32_t count = hash ? hash[1] : 64;

	for (uint32_t i = 1; i < count; i++) {
		if (strcmp(strings + symbols[i].st_name, name) || !symbols[i].st_shndx)
			continue;
		for (const Elf64_Verdef *v = def;;
			v = (const void *)((const char *)v + v->vd_next)) {
			const Elf64_Verdaux *aux = (const void *)((const char *)v + v->vd_aux);
			if (v->vd_ndx == (versions[i] & 0x7fff))
				printf("%s: %s, %s\n", name, strings + aux->vda_name,
					ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC ? "function"
										      : "?");
			if (!v->vd_next)
				break;
		}
		return (void *)(base + symbols[i].st_value);
	}
	printf("%s: not there\n", name);
	return NULL;
}

static int64_t of(struct timespec t)
{
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int64_t ask(int clock)
{
	struct timespec t;
	return syscall(SYS_clock_gettime, clock, &t) ? -1 : of(t);
}

int main(void)
{
	base = (const char *)getauxval(AT_SYSINFO_EHDR);
	if (!base) {
		puts("no vDSO");
		return 0;
	}
	const Elf64_Ehdr *e = (const void *)base;
	HOLDS(!memcmp(e->e_ident, ELFMAG, SELFMAG) && e->e_ident[EI_CLASS] == ELFCLASS64);
	HOLDS(e->e_type == ET_DYN && e->e_machine == EM_X86_64);
	const Elf64_Phdr *p = (const void *)(base + e->e_phoff);
	int loads = 0;
	for (int i = 0; i < e->e_phnum; i++) {
		loads += p[i].p_type == PT_LOAD;
		if (p[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(base + p[i].p_vaddr);
		if (p[i].p_type == PT_GNU_EH_FRAME)
			puts("unwind table");
	}
	printf("%d segment\n", loads);
	for (const Elf64_Dyn *d = dynamic; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_SONAME)
			printf("%s\n", (const char *)entry(DT_STRTAB) + d->d_un.d_val);
	int (*gettime)(int, struct timespec *) = find("__vdso_clock_gettime");
	int (*getres)(int, struct timespec *) = find("__vdso_clock_getres");
	int (*timeofday)(struct timeval *, struct timezone *) = find("__vdso_gettimeofday");
	long (*seconds)(long *) = find("__vdso_time");
	long (*getcpu_fn)(unsigned *, unsigned *, void *) = find("__vdso_getcpu");
	find("clock_gettime");
	find("gettimeofday");
	find("time");
	find("getcpu");

	static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME,
		CLOCK_MONOTONIC_RAW, CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
	for (unsigned c = 0; c < sizeof(clocks) / sizeof(clocks[0]); c++) {
		int wrong = 0;
		for (int i = 0; i < 3000; i++) {
			struct timespec t;
			int64_t before = ask(clocks[c]);
			wrong += gettime(clocks[c], &t) != 0;
			int64_t after = ask(clocks[c]);
			wrong += of(t) < before || of(t) > after || t.tv_nsec > 999999999;
		}
		printf("clock %d: %d wrong\n", clocks[c], wrong);
	}
	struct timespec t, r;
	HOLDS(gettime(CLOCK_REALTIME_COARSE, &t) == 0 && of(t) > 1700000000L * 1000000000);
	HOLDS(gettime(CLOCK_MONOTONIC_COARSE, &t) == 0 && of(t) > 0);
	printf("%d %d %d\n", gettime(99, &t), gettime(-1, &t), gettime(16, &t));
	printf("%d %d\n", getres(99, &t), getres(CLOCK_MONOTONIC, NULL));
	for (int c = 0; c < 12; c++) {
		long a = syscall(SYS_clock_getres, c, &t) ? -errno : 0, b = getres(c, &r);
		printf("resolution %d: %s\n", c, a == b && (a || of(t) == of(r)) ? "agrees" : "NO");
	}
	struct timeval tv;
	struct timezone z = {7, 7};
	int wrong = 0;
	for (int i = 0; i < 1000; i++) {
		int64_t before = ask(CLOCK_REALTIME) / 1000;
		wrong += timeofday(&tv, &z) != 0;
		int64_t after = ask(CLOCK_REALTIME) / 1000, now = tv.tv_sec * 1000000L + tv.tv_usec;
		wrong += now < before || now > after;
		long s = seconds(NULL), s2 = 0;
		wrong += s < before / 1000000 - 1 || s > after / 1000000 + 1;
		wrong += seconds(&s2) != s2;
	}
	printf("gettimeofday and time: %d wrong\n", wrong);
	HOLDS(z.tz_minuteswest == 0 && z.tz_dsttime == 0);
	HOLDS(timeofday(NULL, NULL) == 0);
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	unsigned cpu = 9, node = 9;
	printf("%ld %u %u\n", getcpu_fn(&cpu, &node, NULL), cpu, node);
	HOLDS(getcpu_fn(NULL, NULL, NULL) == 0);

	/* The image can be read; its data can't be made writable. */
	HOLDS(mprotect((void *)(((uintptr_t)base & ~4095UL) - 4096), 4096,
		      PROT_READ | PROT_WRITE) == -1);
	return 0;
}
