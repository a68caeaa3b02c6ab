/* The init thread: mounts, runs what the archive says, tells the host how it ended, ends the machine. */
#ifndef INIT_PROGRAM_H
#define INIT_PROGRAM_H

/* Makes the thread; it runs once the scheduler does. Panics if memory runs out. */
void program_start_init(void);

#endif
