/* The vDSO's image and data: proc/vdso.c maps them into programs. */
#ifndef ARCH_VDSO_H
#define ARCH_VDSO_H

#include "lib/types.h"

/* The ELF image, as it is to lie at the start of a page. */
const void *vdso_image(size_t *size);
/* From here on keeps the data that the image reads up to date in that page, which is zero now. Once, at start-up. */
void vdso_set_data_page(void *page);

#endif
