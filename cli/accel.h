/* Which accelerator QEMU is to use. */
#ifndef CLI_ACCEL_H
#define CLI_ACCEL_H

enum accel {
	ACCEL_AUTO,
	ACCEL_KVM,
	ACCEL_TCG,
};

/* "auto", "kvm" or "tcg". */
enum accel accel_from_name(const char *name);

/*
 * Settles ACCEL_AUTO: ACCEL_KVM when a tiny VM runs properly and fast on this host, else ACCEL_TCG.
 * The answer is remembered until the host is started again.
 */
enum accel accel_choose(enum accel wanted);

#endif
