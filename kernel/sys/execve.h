/* Start-up of execve.c. */
#ifndef SYS_EXECVE_H
#define SYS_EXECVE_H

/* From here on interpreters and dynamic linkers can be opened. Before the first program. */
void execve_init(void);

#endif
