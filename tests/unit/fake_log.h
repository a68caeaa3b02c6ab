/* The host's log: the last line, as LEVEL SUBSYSTEM: TEXT with a number for the level. */
#ifndef FAKE_LOG_H
#define FAKE_LOG_H

extern char fake_log_last[512];
extern unsigned fake_log_count;

#endif
