/*
 * The list of people who were forgotten, as mm-forget keeps it: the table
 * `forgotten`, see store/forgotten.h.
 */
#ifndef MM_FORGET_LIST_H
#define MM_FORGET_LIST_H

#include "tables/staging.h"

/* Puts the ids of @ids on the list, as hashes.  False with the staging's error. */
bool forget_list_add(struct staging *);

/*
 * Takes the ids of @ids off the list; an anonymous_id also as one that was
 * linked to a user.  False with the staging's error.
 */
bool forget_list_remove(struct staging *);

#endif
