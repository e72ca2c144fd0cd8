/*
 * The project whose rows a command writes or reads: --project, MM_PROJECT.
 */
#ifndef MM_PROJECT_H
#define MM_PROJECT_H

#include "base/opt.h"

/* Users with one project need not name it. */
#define PROJECT_DEFAULT "00000000-0000-0000-0000-000000000000"

/* A row of the option table; `to` is a const char * set to NULL. */
#define PROJECT_OPTION(to)                                                             \
	{                                                                              \
		0, "project", OPT_STRING, "UUID",                                      \
		    "project of the events ($MM_PROJECT, else all zeros)", &(to), 0, 0 \
	}

/*
 * The project to use: the option's text, else MM_PROJECT, else
 * PROJECT_DEFAULT.  Returns false after a message when it is no UUID.
 */
bool project_id(const char *option, struct span *id);

#endif
