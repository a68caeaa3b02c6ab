/*
 * Checking ELF programs: see lib/elf.h. The file is hostile until shown otherwise, so each number is compared with what
 * is left rather than added up and compared after.
 *
 * Stricter than Linux in two places, both only for broken files: a segment must lie in the file (Linux lets the
 * program run until it touches what is missing), and segments must rise, as the ELF specification says.
 */
#include "lib/elf.h"

#include "lib/errno.h"
#include "lib/string.h"

/* A path of the dynamic linker with its NUL, as in Linux. */
#define INTERP_MIN 2UL
#define INTERP_MAX 4096UL

static int broken(const char **why, const char *what)
{
	*why = what;
	return -ENOEXEC;
}

static int check_ident(const Elf64_Ehdr *h, const char **why)
{
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return broken(why, "not an ELF file");
	if (h->e_ident[EI_CLASS] != ELFCLASS64)
		return broken(why, "not a 64-bit program");
	if (h->e_machine != EM_X86_64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
		return broken(why, "not for x86-64");
	if (h->e_ident[EI_VERSION] != EV_CURRENT || h->e_version != EV_CURRENT)
		return broken(why, "unknown ELF version");
	return 0;
}

int elf_decode_header(const void *bytes, size_t n, struct elf_header *out, const char **why)
{
	Elf64_Ehdr h;

	if (n < sizeof(h))
		return broken(why, "too short for an ELF file");
	memcpy(&h, bytes, sizeof(h));
	int err = check_ident(&h, why);
	if (err)
		return err;
	if (h.e_type != ET_EXEC && h.e_type != ET_DYN)
		return broken(why, "not an executable ELF file");
	if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum == 0 ||
		h.e_phnum * sizeof(Elf64_Phdr) > ELF_PHDR_BYTES_MAX)
		return broken(why, "impossible ELF program header table");
	*out = (struct elf_header){
		.relocatable = h.e_type == ET_DYN,
		.entry = h.e_entry,
		.phdr_offset = h.e_phoff,
		.phdr_count = h.e_phnum,
	};
	return 0;
}

static bool in_range(u64 start, u64 size, u64 end)
{
	return start <= end && size <= end - start;
}

static Elf64_Phdr read_phdr(const void *phdrs, u32 index)
{
	Elf64_Phdr p;

	memcpy(&p, (const char *)phdrs + index * sizeof(p), sizeof(p));
	return p;
}

/* previous_end: where the last segment ended in memory. */
static int check_load(
	const Elf64_Phdr *p, u64 file_size, u64 limit, u64 previous_end, const char **why)
{
	if (!in_range(p->p_offset, p->p_filesz, file_size))
		return broken(why, "ELF segment beyond the end of the file");
	if (p->p_memsz < p->p_filesz)
		return broken(why, "ELF segment larger in the file than in memory");
	if (!in_range(p->p_vaddr, p->p_memsz, limit))
		return broken(why, "ELF segment beyond the address space");
	if (p->p_vaddr % PAGE_SIZE != p->p_offset % PAGE_SIZE)
		return broken(why, "ELF segment not aligned to its place in the file");
	if (p->p_vaddr < previous_end)
		return broken(why, "ELF segments overlap or are not in order");
	return 0;
}

static void add_load(struct elf_image *image, const Elf64_Phdr *p)
{
	u64 table = image->header.phdr_offset;

	if (image->load_end == 0)
		image->load_start = ALIGN_DOWN(p->p_vaddr, PAGE_SIZE);
	image->load_end = ALIGN_UP(p->p_vaddr + p->p_memsz, PAGE_SIZE);
	if ((p->p_align & (p->p_align - 1)) == 0 && p->p_align > image->align)
		image->align = p->p_align;
	if (table >= p->p_offset &&
		in_range(table - p->p_offset, elf_phdr_bytes(&image->header), p->p_filesz))
		image->phdr_address = p->p_vaddr + (table - p->p_offset);
}

static int add_interp(struct elf_image *image, const Elf64_Phdr *p, u64 file_size, const char **why)
{
	if (image->interp_size != 0)
		return broken(why, "more than one dynamic linker in the ELF file");
	if (p->p_filesz < INTERP_MIN || p->p_filesz > INTERP_MAX ||
		!in_range(p->p_offset, p->p_filesz, file_size))
		return broken(why, "impossible path of the dynamic linker in the ELF file");
	image->interp_offset = p->p_offset;
	image->interp_size = p->p_filesz;
	return 0;
}

static int add_phdr(struct elf_image *image, const Elf64_Phdr *p, u64 file_size, u64 limit,
	u64 *previous_end, const char **why)
{
	int err = 0;

	switch (p->p_type) {
	case PT_LOAD:
		if (p->p_memsz == 0 && p->p_filesz == 0)
			break;
		err = check_load(p, file_size, limit, *previous_end, why);
		if (err)
			break;
		*previous_end = p->p_vaddr + p->p_memsz;
		add_load(image, p);
		break;
	case PT_INTERP:
		err = add_interp(image, p, file_size, why);
		break;
	case PT_GNU_STACK:
		image->stack = p->p_flags & PF_X ? ELF_STACK_EXEC : ELF_STACK_NOEXEC;
		break;
	default:
		break;
	}
	return err;
}

int elf_decode_image(const struct elf_header *h, const void *phdrs, u64 file_size, u64 limit,
	struct elf_image *out, const char **why)
{
	struct elf_image image = {.header = *h, .phdrs = phdrs, .align = PAGE_SIZE};
	u64 previous_end = 0;

	/* The last page's end must not overflow. */
	limit = ALIGN_DOWN(limit, PAGE_SIZE);
	if (!in_range(h->phdr_offset, elf_phdr_bytes(h), file_size))
		return broken(why, "ELF program header table beyond the end of the file");
	for (u32 i = 0; i < h->phdr_count; i++) {
		Elf64_Phdr p = read_phdr(phdrs, i);
		int err = add_phdr(&image, &p, file_size, limit, &previous_end, why);
		if (err)
			return err;
	}
	if (image.load_end == 0)
		return broken(why, "nothing to load in the ELF file");
	if (h->entry >= limit)
		return broken(why, "ELF entry point beyond the address space");
	*out = image;
	return 0;
}

bool elf_next_load(const struct elf_image *image, u32 *index, struct elf_segment *out)
{
	while (*index < image->header.phdr_count) {
		Elf64_Phdr p = read_phdr(image->phdrs, (*index)++);
		if (p.p_type != PT_LOAD || p.p_memsz == 0)
			continue;
		*out = (struct elf_segment){
			.offset = p.p_offset,
			.file_size = p.p_filesz,
			.address = p.p_vaddr,
			.memory_size = p.p_memsz,
			.flags = p.p_flags & (PF_R | PF_W | PF_X),
		};
		return true;
	}
	return false;
}
