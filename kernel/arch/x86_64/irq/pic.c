/*
 * The old interrupt controllers.
 *
 * They are never used. They are programmed all the same: a masked controller can still raise its
 * spurious interrupt (7 and 15), which would look like an exception at the vectors that they have
 * after a reset. Writes to ports where there is none do nothing.
 */
#include "irq/pic.h"

#include "arch/io.h"
#include "arch/vectors.h"
#include "lib/compiler.h"

#define PIC1_COMMAND 0x20
#define PIC1_DATA 0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA 0xa1

#define ICW1_START_WITH_ICW4 0x11
#define ICW3_SECOND_ON_2 0x04
#define ICW3_SECOND_ID 0x02
#define ICW4_8086 0x01

INIT_TEXT void pic_disable(void)
{
	io_out8(PIC1_COMMAND, ICW1_START_WITH_ICW4);
	io_out8(PIC2_COMMAND, ICW1_START_WITH_ICW4);
	io_out8(PIC1_DATA, VECTOR_PIC);
	io_out8(PIC2_DATA, VECTOR_PIC + 8);
	io_out8(PIC1_DATA, ICW3_SECOND_ON_2);
	io_out8(PIC2_DATA, ICW3_SECOND_ID);
	io_out8(PIC1_DATA, ICW4_8086);
	io_out8(PIC2_DATA, ICW4_8086);
	io_out8(PIC1_DATA, 0xff);
	io_out8(PIC2_DATA, 0xff);
}
