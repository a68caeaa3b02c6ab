/* Ways to end. */
#ifndef SWEEP_DIE_H
#define SWEEP_DIE_H

/* Raises the exception that `how` names; "none" returns 0. */
int die(const char *how);

#endif
