/* The parts of the kernel's image, from the linker script. Page-aligned at both ends. */
#ifndef ARCH_IMAGE_H
#define ARCH_IMAGE_H

extern const char __image_start[], __image_end[];
extern const char __text_start[], __text_end[];
extern const char __entry_text_start[], __entry_text_end[];
extern const char __rodata_start[], __rodata_end[];
extern const char __data_start[], __data_end[];
extern const char __ro_after_init_start[], __ro_after_init_end[];
extern const char __init_start[], __init_end[];
extern const char __init_text_start[], __init_text_end[];

#endif
