/*
 * Tracking plans, mm-plan(5), from what others write them as: JSON Schemas and
 * Segment's tracking plans.
 */
#ifndef MM_PLAN_IMPORT_H
#define MM_PLAN_IMPORT_H

#include "text/jsonfile.h"

enum plan_import {
	PLAN_IMPORT_WHOLE, /* the plan says all that the file says */
	PLAN_IMPORT_PART,  /* it says less: the errors tell what is missing */
	PLAN_IMPORT_NONE,  /* the file is no such thing, by the one error that there is */
};

/*
 * Appends a plan for what [p, p+n) says: a JSON Schema (draft 7 or 2020-12), an
 * object of schemas by the names of events, or an object with rules.events as
 * Segment exports it.  What is appended is a plan that plan_read accepts; for
 * PLAN_IMPORT_NONE it is nothing.
 */
enum plan_import plan_import(
    const char *p, size_t n, struct buf *plan, struct jsonfile_errors *errors);

#endif
