/*
 * The plan of the 256 vectors. The local APIC serves the higher 16 first.
 *
 *   0x00..0x1f  exceptions (entry/exception.h)
 *   0x20..0x2f  the old interrupt controllers, masked: only their spurious interrupts can arrive
 *   0x30..0xdf  devices, given out by irq/irq.c
 *   0xec        this CPU's timer
 *   0xfd        another CPU asks for something (arch/smp.h)
 *   0xfe        the local APIC found an error
 *   0xff        spurious: older APICs demand that the low four bits are ones
 */
#ifndef ARCH_VECTORS_H
#define ARCH_VECTORS_H

#define VECTOR_FIRST_IRQ 0x20
#define VECTOR_PIC 0x20
#define VECTOR_PIC_COUNT 16
#define VECTOR_DEVICE_FIRST 0x30
#define VECTOR_DEVICE_LAST 0xdf
#define VECTOR_TIMER 0xec
#define VECTOR_IPI 0xfd
#define VECTOR_ERROR 0xfe
#define VECTOR_SPURIOUS 0xff

#endif
