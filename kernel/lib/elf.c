/*
 * Checking ELF programs: see lib/elf.h. The file is hostile until shown otherwise, so each number is compared with what
 * is left rather than added up and compared after.
 *
 * What Linux looks at before it gives the old program up, it refuses by an error; what it finds while it maps the new one is the
 * death of the process. So that is told apart here: the latter makes an image that can't be loaded. A segment need not lie in
 * the file: the program runs until it touches what is missing. Stricter than Linux: segments must rise, as the ELF
 * specification says.
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
	/* Linux looks neither at the order of bytes nor at versions. */
	if (h->e_machine != EM_X86_64)
		return broken(why, "not for x86-64");
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
	if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum == 0 ||
		h.e_phnum * sizeof(Elf64_Phdr) > ELF_PHDR_BYTES_MAX)
		return broken(why, "impossible ELF program header table");
	*out = (struct elf_header){
		.executable = h.e_type == ET_EXEC || h.e_type == ET_DYN,
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

/* NULL, or what is wrong. previous_end: where the last segment ended in memory. */
static const char *check_load(const Elf64_Phdr *p, u64 limit, u64 previous_end)
{
	if (!in_range(p->p_offset, p->p_filesz, ALIGN_DOWN((u64)INT64_MAX, PAGE_SIZE)))
		return "ELF segment beyond any file";
	if (p->p_memsz < p->p_filesz)
		return "ELF segment larger in the file than in memory";
	if (!in_range(p->p_vaddr, p->p_memsz, limit))
		return "ELF segment beyond the address space";
	if (p->p_vaddr % PAGE_SIZE != p->p_offset % PAGE_SIZE)
		return "ELF segment not aligned to its place in the file";
	if (p->p_vaddr < previous_end)
		return "ELF segments overlap or are not in order";
	return NULL;
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

/* The first is taken. */
static int add_interp(struct elf_image *image, const Elf64_Phdr *p, const char **why)
{
	if (image->interp_size != 0)
		return 0;
	if (p->p_filesz < INTERP_MIN || p->p_filesz > INTERP_MAX)
		return broken(why, "impossible path of the dynamic linker in the ELF file");
	image->interp_offset = p->p_offset;
	image->interp_size = p->p_filesz;
	return 0;
}

static int add_phdr(struct elf_image *image, const Elf64_Phdr *p, u64 limit, u64 *previous_end,
	const char **why)
{
	switch (p->p_type) {
	case PT_LOAD:
		if (image->unloadable || (p->p_memsz == 0 && p->p_filesz == 0))
			break;
		image->unloadable = check_load(p, limit, *previous_end);
		if (image->unloadable)
			break;
		*previous_end = p->p_vaddr + p->p_memsz;
		add_load(image, p);
		break;
	case PT_INTERP:
		return add_interp(image, p, why);
	case PT_GNU_STACK:
		image->stack = p->p_flags & PF_X ? ELF_STACK_EXEC : ELF_STACK_NOEXEC;
		break;
	default:
		break;
	}
	return 0;
}

/* What is wrong with all of it; NULL: nothing. */
static const char *check_image(const struct elf_image *image, u64 limit)
{
	if (!image->header.executable)
		return "not an executable ELF file";
	if (image->unloadable)
		return image->unloadable;
	if (image->load_end == 0)
		return "nothing to load in the ELF file";
	return image->header.entry >= limit ? "ELF entry point beyond the address space" : NULL;
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
		int err = add_phdr(&image, &p, limit, &previous_end, why);
		if (err)
			return err;
	}
	image.unloadable = check_image(&image, limit);
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
