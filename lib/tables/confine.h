/*
 * Keeps a process to the files of its own directory, away from other hosts, and
 * from running programs, whatever it is talked into (Landlock and seccomp).
 */
#ifndef MM_CONFINE_H
#define MM_CONFINE_H

#include <stdbool.h>

/* Whether this kernel can do all of it: Linux 5.19 or later, unless it is built without. */
bool confine_possible(void);

/*
 * From here on this process and its children may read and write what is in the
 * sub-directories `own` of `directory`, make, write and remove files in the rest
 * of it without reading any, and read the files `readable` and what
 * a program needs of the system (its libraries, /sys, its own part of /proc);
 * paths that are not there are passed over, and so is what the kernel can't do.  They may not connect to anything,
 * and may not execute.  What is open stays so.  The lists end with NULL.  Returns
 * 0, or the errno; then it may be confined in part.
 */
int confine(const char *directory, const char *const own[], const char *const readable[]);

/*
 * From here on this thread and those that it starts may not execute programs, nor
 * look into other processes, as far as the kernel can forbid it.
 */
void confine_programs(void);

#endif
