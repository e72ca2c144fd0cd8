#include "tables.h"

#include "msg.h"

#include "banned.h"

/* Prints the errors, if there are any; whether there were none. */
static bool
told(bool loaded, const char *what, struct buf *errors)
{
	if (!loaded) {
		msg("cannot use the %s", what);
		msg_raw(errors->p, errors->n);
	}
	buf_release(errors);
	return loaded;
}

bool
tables_hosts(const char *file, struct hosts **tables)
{
	struct buf errors = BUF_INIT;

	*tables = file ? hosts_load(file, &errors) : NULL;
	return told(!file || *tables, "hosts file; mm-rules(5) describes its format", &errors);
}

bool
tables_bots(const char *file, struct bots **tables)
{
	struct buf errors = BUF_INIT;

	*tables = file ? bots_load(file, &errors) : NULL;
	return told(
	    !file || *tables, "file of --bots-file; mm-enrich(1) describes its format", &errors);
}
