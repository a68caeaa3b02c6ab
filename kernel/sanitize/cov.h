/* Coverage, in the variant `cov` alone: tells the host how often each piece of code has run. */
#ifndef SANITIZE_COV_H
#define SANITIZE_COV_H

#ifdef AIRLOCK_COV
/* Writes all counters to the debug console's port, once, at the end of the machine. Any context; other CPUs may go on counting. */
void cov_dump(void);
#else
static inline void cov_dump(void)
{
}
#endif
#endif
