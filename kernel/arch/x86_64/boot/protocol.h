/* The two boot protocols, told apart by the magic number of each. Also read by assembly. */
#ifndef BOOT_PROTOCOL_H
#define BOOT_PROTOCOL_H

/* First word of PVH's start_info. */
#define BOOT_PROTOCOL_PVH 0x336ec578
/* EAX from a Multiboot2 loader. */
#define BOOT_PROTOCOL_MULTIBOOT2 0x36d76289

#endif
