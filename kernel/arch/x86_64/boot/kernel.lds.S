/*
 * The kernel's image: linked at KERNEL_BASE + KERNEL_PHYS, loaded at KERNEL_PHYS.
 *
 *   .text              R X   Multiboot2 header, C code, and the crossing's own pages (.entry.text)
 *   .rodata            R     constants, tables of addresses that the linker collects
 *   .data              R W   first the part that becomes read-only after start-up
 *   .init.text         R X   start-up's code
 *   .init.data, .bss   R W   start-up's data, its tables, then zeroed memory
 *
 * Everything from __init_start to __init_end is free memory once start-up is over. All boundaries
 * that page permissions follow are page-aligned. The notes at the end are for `airlock check`, and
 * not loaded.
 */
#include "arch/layout.h"

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
ENTRY(boot_multiboot2_entry)

PHDRS {
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	inittext PT_LOAD FLAGS(5);
	initdata PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

#define LOADED(section) section : AT(ADDR(section) - KERNEL_BASE)
#define PAGE_ALIGN . = ALIGN(4096)

SECTIONS {
	. = KERNEL_BASE + KERNEL_PHYS;
	__image_start = .;

	LOADED(.text) {
		__text_start = .;
		/* Loaders look for the header in the file's first 32 KiB. */
		KEEP(*(.multiboot))
		*(.text .text.*)
		PAGE_ALIGN;
		__entry_text_start = .;
		KEEP(*(.entry.text))
		PAGE_ALIGN;
		__entry_text_end = .;
		__text_end = .;
	} :text =0xcccccccc

	LOADED(.rodata) {
		__rodata_start = .;
		*(.rodata .rodata.*)
		. = ALIGN(8);
		__ex_table_start = .;
		KEEP(*(__ex_table))
		__ex_table_end = .;
		. = ALIGN(8);
		__guest_tests_start = .;
		KEEP(*(.guest_tests))
		__guest_tests_end = .;
		. = ALIGN(8);
		__init_array_start = .;
		KEEP(*(SORT(.init_array.*) .init_array SORT(.ctors.*) .ctors))
		__init_array_end = .;
		. = ALIGN(8);
		__planted_start = .;
		KEEP(*(.planted))
		__planted_end = .;
		. = ALIGN(8);
		__ksyms_start = .;
		KEEP(*(.ksyms))
		__ksyms_end = .;
	} :rodata

	LOADED(.note.pvh) {
		KEEP(*(.note.pvh))
	} :rodata :note
	PAGE_ALIGN;
	__rodata_end = .;

	LOADED(.data) {
		__ro_after_init_start = .;
		*(.data.ro_after_init)
		PAGE_ALIGN;
		__ro_after_init_end = .;
		__data_start = .;
		*(.data .data.*)
		. = ALIGN(8);
		__gcov_info_start = .;
		KEEP(*(.gcov_info))
		__gcov_info_end = .;
		PAGE_ALIGN;
		__data_end = .;
	} :data

	__init_start = .;
	LOADED(.init.text) {
		__init_text_start = .;
		*(.init.text)
		PAGE_ALIGN;
		__init_text_end = .;
	} :inittext

	LOADED(.init.data) {
		__init_data_start = .;
		*(.init.data)
		. = ALIGN(16);
	} :initdata

	LOADED(.init.bss) {
		*(.bss..init.tables)
		*(.bss..init)
		PAGE_ALIGN;
	} :initdata
	__init_end = .;

	LOADED(.bss) {
		__bss_start = .;
		*(.bss..page_aligned)
		*(.bss .bss.*)
		*(COMMON)
		PAGE_ALIGN;
		__bss_end = .;
	} :initdata
	__image_end = .;

	.note.airlock.contract 0 : { KEEP(*(.note.airlock.contract)) } :NONE
	.note.airlock.state 0 : { KEEP(*(.note.airlock.state)) } :NONE
	.note.airlock 0 : { KEEP(*(.note.airlock .note.airlock.*)) } :NONE

	/DISCARD/ : {
		*(.eh_frame .eh_frame_hdr .comment .note.GNU-stack .note.gnu.*)
	}
}

ASSERT(__image_end - __image_start < 0x1000000, "the image fits the provisional tables")
ASSERT(boot_pvh_entry - KERNEL_BASE < 0x100000000, "the entry is a 32-bit address")
