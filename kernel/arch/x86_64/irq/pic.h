/* The PC's old pair of interrupt controllers. */
#ifndef IRQ_PIC_H
#define IRQ_PIC_H

/* Moves their vectors out of the exceptions' way and masks everything. Boot CPU. */
void pic_disable(void);

#endif
