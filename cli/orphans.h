/*
 * Processes that a test leaves behind: they come to the process that asked for them (a subreaper), whatever group or session
 * they moved to, and end with it.
 */
#ifndef CLI_ORPHANS_H
#define CLI_ORPHANS_H

/* From now on the caller is the parent of whatever its descendants leave behind. */
void orphans_adopt(void);
/* Kills and reaps all children of the caller, and what those leave, until there is none. */
void orphans_kill(void);

#endif
