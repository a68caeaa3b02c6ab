/* Where the linker has put the vDSO's image: kernel.mk makes an object file of it. */
#include "arch/vdso.h"

extern const char _binary_vdso_so_start[], _binary_vdso_so_end[];

const void *vdso_image(size_t *size)
{
	*size = (size_t)(_binary_vdso_so_end - _binary_vdso_so_start);
	return _binary_vdso_so_start;
}
