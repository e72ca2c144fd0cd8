/*
 * Every key and value of a JSON object, however deep, with the path that leads
 * there: "context.ip".  Elements of an array have the path of the array.
 */
#ifndef MM_JSON_WALK_H
#define MM_JSON_WALK_H

#include "text/json.h"

struct json_walk {
	/* set by the owner; each gets `context` and the path, which is valid
	   during the call; names in it are unescaped */
	void *context;
	/* a value that is no object and no array */
	void (*value)(void *context, struct span path, const struct json_value *);
	/* may be NULL: a key, before what it holds; the path ends with it */
	void (*key)(void *context, struct span path, const struct json_value *);

	/* what follows is the module's */
	struct buf path;
};

/*
 * Walks the object [p, p+n), which the scanner has accepted, in its order.
 * Returns false when memory is out.
 */
bool json_walk(struct json_walk *, const char *p, size_t n);

void json_walk_release(struct json_walk *);

#endif
