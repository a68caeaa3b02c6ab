/*
 * Instructions that only some CPUs need are assembled in and taken out here, so that what is proven about the crossing is
 * proven with them in place, and taking them out changes nothing else.
 */
#define LOG_SUBSYSTEM "cpu"
#include "arch/cpu_setup.h"
#include "arch/features.h"
#include "arch/page.h"
#include "arch/pagetable.h"
#include "entry/entry.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "trace/log.h"

/* VERW m16 with a RIP-relative operand. */
#define VERW_LENGTH 7

static const u8 nop7[VERW_LENGTH] = {0x0f, 0x1f, 0x80, 0, 0, 0, 0};

/* Text is never mapped writable: written through the direct map. Other CPUs have not run this code yet. */
static INIT_TEXT void replace(const char *at, const u8 *bytes, size_t n)
{
	paddr_t pa;
	u32 flags;
	for (size_t i = 0; i < n; i++) {
		CHECK(kernel_lookup(at + i, &pa, &flags));
		*(volatile u8 *)direct_map(pa) = bytes[i];
	}
}

INIT_TEXT void cpu_apply_mitigations(void)
{
	CHECK((u8)exit_verw_iret[0] == 0x0f && (u8)exit_verw_iret[1] == 0x00);
	CHECK((u8)exit_verw_sysret[0] == 0x0f && (u8)exit_verw_sysret[1] == 0x00);
	if (cpu_features.needs_verw)
		return;
	replace(exit_verw_iret, nop7, VERW_LENGTH);
	replace(exit_verw_sysret, nop7, VERW_LENGTH);
}
